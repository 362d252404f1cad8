// Formats numbers, times and sentences for people. Pure: the time is an argument, or comes from clock.js.
import { decimal, t, tc, tn } from "./language.js";
import { translated } from "./translated.js";

/** @typedef {number | null | undefined} MaybeNumber */

const known = (/** @type {MaybeNumber} */ value) => value !== null && value !== undefined && Number.isFinite(value);

/** @param {MaybeNumber} value @param {number} [digits] */
export const number = (value, digits = 1) => (known(value) ? decimal(Number(value), digits) : "–");

/** A measurement in three significant figures: 158 bar, 12.4 bar, 6.05 bar. @param {MaybeNumber} value */
export const significant = (value) => number(value, Math.abs(Number(value)) >= 100 ? 0 : Math.abs(Number(value)) >= 10 ? 1 : 2);

/** A share in whole percent; a small share is never shown as 0 %. @param {MaybeNumber} value */
export function percent(value) {
  if (!known(value)) return "–";
  const share = Number(value) * 100;
  if (share > 0 && share < 1) return "< 1 %";
  if (share > 99 && share < 100) return "> 99 %";
  return `${Math.round(share)} %`;
}

/** @param {MaybeNumber} watts */
export function kilowatts(watts) {
  if (!known(watts)) return "–";
  const value = Number(watts);
  return value >= 1e6 ? `${decimal(value / 1e6, 2)} MW` : `${decimal(value / 1000, 1)} kW`;
}

/** The name of a person or script without the way it signed in; of a schedule, whose it is. @param {string} subject @returns {string} */
export function nameOf(subject) {
  const [, whose] = /^schedule:\S+ of (.*)$/.exec(subject) ?? [];
  return whose ? t("a schedule of {name}", { name: nameOf(whose) }) : subject.replace(/^(grafana|link|token):/, "");
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A length of time in the largest suitable unit. @param {number} seconds */
export function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * MINUTE) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 36 * HOUR) return `${Math.round(seconds / HOUR)} h`;
  return tn("{n} day", "{n} days", Math.round(seconds / DAY));
}

const LONG_AGO = 14 * DAY;
const CLOCKS_DIFFER = 5 * MINUTE;

/** A moment relative to `now`; both in seconds since the epoch.
 * @param {MaybeNumber} at @param {number} now @param {(moment: number) => string} date from seconds to a date
 */
export function ago(at, now, date) {
  if (!known(at)) return t("never");
  const past = now - Number(at);
  if (past < -CLOCKS_DIFFER) return t("its clock is {span} ahead", { span: span(-past) });
  if (past < 5) return t("just now");
  return past < LONG_AGO ? t("{span} ago", { span: span(past) }) : date(Number(at));
}

const NAMES = /** @type {Record<string, string>} */ ({
  mon: t("Mon"), tue: t("Tue"), wed: t("Wed"), thu: t("Thu"), fri: t("Fri"), sat: t("Sat"), sun: t("Sun"),
});

/** @param {string[]} listed */
export function days(listed) {
  const all = listed.join(" ");
  if (all === "mon tue wed thu fri sat sun") return t("every day");
  if (all === "mon tue wed thu fri") return t("Mon to Fri");
  return listed.map((one) => NAMES[one] ?? one).join(", ");
}

/** @type {Record<string, string>} */
export const ACTIONS = { shutdown: t("Shut down"), restart: t("Restart") };

/** @type {Record<string, string>} */
const ROLES = { Viewer: tc("role", "Viewer"), Editor: tc("role", "Editor"), Admin: tc("role", "Admin") };
/** @param {string} role */
export const roleName = (role) => ROLES[role] ?? role;

/** The status of an order in words. @type {Record<string, string>} */
const OUTCOMES = {
  requested: tc("order", "requested"), sent: tc("order", "sent"), done: tc("order", "done"), refused: tc("order", "refused"),
  failed: tc("order", "failed"), expired: tc("order", "not answered in time"),
};
/** The status of an order as a word. @param {string} status */
export const statusName = (status) => (status === "expired" ? tc("order", "expired") : OUTCOMES[status] ?? status);

/** What a machine does, and what is said where that is not known. @type {Record<string, string>} */
const STATES = {
  running: tc("state", "running"), idle: tc("state", "idle"), stopped: tc("state", "stopped"), failed: tc("state", "failed"),
  maintenance: tc("state", "maintenance"), silent: tc("state", "silent"), "no recent data": tc("state", "no recent data"),
  "not known": tc("state", "not known"),
};
/** @param {string} state */
export const stateName = (state) => STATES[state] ?? state;

/** How an order ended, as a sentence. @param {{action: string, device_id: string, status: string, detail: string}} order */
export function orderEnd(order) {
  const detail = order.detail ? ` (${order.detail})` : "";
  return `${ACTIONS[order.action] ?? order.action} ${order.device_id}: ${OUTCOMES[order.status] ?? order.status}${detail}.`;
}

/** Cleans a sentence from a rule or a model: rounds percentages, removes "nan"
 * and lists of features by their names in the code.
 * @param {string} sentence
 */
export function readable(sentence) {
  return translated(sentence
    .replace(/(^|\. )[^.:]*: (?:[a-z]+(?:_[a-z0-9]+)+(?: \([\d.]+ ?%\))?(?:, )?)+\.?/g, "$1")
    .replace(/ \((?:[^()]* )?nan(?: [^()]*)?\)/gi, "")
    .replace(/(\d+)\.(\d+) ?%/g, (_, whole, part) => `${Math.round(Number(`${whole}.${part}`))} %`)
    .replace(/ {2,}/g, " ")
    .trim());
}

/** A reason for the risk, with its share. @param {string} factor @param {MaybeNumber} contribution @param {MaybeNumber} risk */
export function reason(factor, contribution, risk) {
  const text = readable(factor);
  if (!known(contribution) || !risk) return text;
  return t("{reason} ({share} of the risk)", { reason: text, share: percent(Math.min(1, Number(contribution) / risk)) });
}

/** A length of time in whole units, finer while it is short: 40 min, 2 h 20 min, 13 h, 3 days. @param {number} hours */
function hoursOf(hours) {
  const minutes = Math.round(hours * 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 600) return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  return hours < 71.5 ? `${Math.round(hours)} h` : tn("{n} day", "{n} days", Math.round(hours / 24));
}

/** How long a machine has left, in words. @param {import("../service/formats.js").RemainingLife | null} life */
export function remainingLife(life) {
  if (!life) return t("Remaining life: unknown");
  const soon = life.at_least_hours < 0.5 / 60;
  const least = hoursOf(life.at_least_hours);
  if (life.at_most_hours === null) return soon ? t("Remaining life: it may fail at any time") : t("Remaining life: at least {least} (for 8 of 10 machines in such a state)", { least });
  const most = hoursOf(life.at_most_hours);
  return soon ? t("Remaining life: at most {most} (for 8 of 10 machines in such a state)", { most })
    : t("Remaining life: {least} to {most} (for 8 of 10 machines in such a state)", { least, most });
}

/** A type of machines, in words. @param {string} type */
export const typeName = (type) => translated(type.replaceAll("_", " "));

/** What may fail, the likeliest first; nothing if that is not known. @param {Array<import("../service/formats.js").LikelyMode>} modes */
export const likelyModes = (modes) => (modes.length ? t("If it fails: {modes}", { modes: modes.map((one) => `${translated(one.mode.replaceAll("_", " "))} ${percent(one.share)}`).join(", ") }) : "");

/** The part to inspect first; nothing if the failures on record do not tell. @param {Array<import("../service/formats.js").LikelyComponent>} parts */
export const likelyComponents = (parts) => (parts.length ? t("Inspect first: {parts}", { parts: parts.map((one) => `${one.component.replaceAll("_", " ")} ${percent(one.share)}`).join(", ") }) : "");

const STOPS = {
  now: t("now"), break: t("in the next break"), shift_end: t("at the end of the shift"), after_work: t("after work"),
  maintenance: t("in planned maintenance"), part: t("when the part arrives"), run_on: t("running on"),
};

/** When to stop a machine at risk, the cheapest first; nothing without costs or life. @param {Array<import("../service/formats.js").StopOption>} options @param {(at: string) => string} clock @param {string} currency */
export const stopOptions = (options, clock, currency) => (options.length
  ? t("Expected cost of stopping it: {options}", { options: options.map((one) =>
    `${STOPS[one.when]}${one.at && one.when !== "now" ? ` (${clock(one.at)})` : ""} ${number(one.expected_cost, 0)} ${currency}`.trimEnd()).join(", ") })
  : "");
