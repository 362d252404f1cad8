// Formats numbers, times and sentences for people. Pure: the time is an argument, or comes from clock.js.

/** @typedef {number | null | undefined} MaybeNumber */

const known = (/** @type {MaybeNumber} */ value) => value !== null && value !== undefined && Number.isFinite(value);

/** @param {MaybeNumber} value @param {number} [digits] */
export const number = (value, digits = 1) => (known(value) ? Number(value).toFixed(digits) : "–");

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
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} MW` : `${(value / 1000).toFixed(1)} kW`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A length of time in the largest suitable unit. @param {number} seconds */
export function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * MINUTE) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 36 * HOUR) return `${Math.round(seconds / HOUR)} h`;
  return counted(Math.round(seconds / DAY), "day");
}

const LONG_AGO = 14 * DAY;
const CLOCKS_DIFFER = 5 * MINUTE;

/** A moment relative to `now`; both in seconds since the epoch.
 * @param {MaybeNumber} at @param {number} now @param {(moment: number) => string} date from seconds to a date
 */
export function ago(at, now, date) {
  if (!known(at)) return "never";
  const past = now - Number(at);
  if (past < -CLOCKS_DIFFER) return `its clock is ${span(-past)} ahead`;
  if (past < 5) return "just now";
  return past < LONG_AGO ? `${span(past)} ago` : date(Number(at));
}

const NAMES = /** @type {Record<string, string>} */ ({ mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" });

/** @param {string[]} listed */
export function days(listed) {
  const all = listed.join(" ");
  if (all === "mon tue wed thu fri sat sun") return "every day";
  if (all === "mon tue wed thu fri") return "Mon to Fri";
  return listed.map((one) => NAMES[one] ?? one).join(", ");
}

/** @type {Record<string, string>} */
export const ACTIONS = { shutdown: "Shut down", restart: "Restart" };

/** The status of an order in words. @type {Record<string, string>} */
const OUTCOMES = {
  requested: "requested", sent: "sent", done: "done", refused: "refused", failed: "failed", expired: "not answered in time",
};

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
  return sentence
    .replace(/(^|\. )[^.:]*: (?:[a-z]+(?:_[a-z0-9]+)+(?: \([\d.]+ ?%\))?(?:, )?)+\.?/g, "$1")
    .replace(/ \((?:[^()]* )?nan(?: [^()]*)?\)/gi, "")
    .replace(/(\d+)\.(\d+) ?%/g, (_, whole, part) => `${Math.round(Number(`${whole}.${part}`))} %`)
    .replace(/ {2,}/g, " ")
    .trim();
}

/** A reason for the risk, with its share. @param {string} factor @param {MaybeNumber} contribution @param {MaybeNumber} risk */
export function reason(factor, contribution, risk) {
  const text = readable(factor);
  if (!known(contribution) || !risk) return text;
  return `${text} (${percent(Math.min(1, Number(contribution) / risk))} of the risk)`;
}

/** Hours in the unit that fits. @param {number} hours */
const hoursOf = (hours) => (hours < 2 ? `${Math.round(hours * 60)} min` : hours < 10 ? `${Number(hours.toFixed(1))} h` : hours < 72 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`);

/** How long a machine has left, in words. @param {import("../service/formats.js").RemainingLife | null} life */
export function remainingLife(life) {
  if (!life) return "Remaining life: unknown";
  const least = hoursOf(life.at_least_hours);
  return life.at_most_hours === null ? `Remaining life: at least ${least} (for 8 of 10 machines in such a state)`
    : `Remaining life: ${least} to ${hoursOf(life.at_most_hours)} (for 8 of 10 machines in such a state)`;
}

/** What may fail, the likeliest first; nothing if that is not known. @param {Array<import("../service/formats.js").LikelyMode>} modes */
export const likelyModes = (modes) => (modes.length ? `If it fails: ${modes.map((one) => `${one.mode.replaceAll("_", " ")} ${percent(one.share)}`).join(", ")}` : "");

/** The part to inspect first; nothing if the failures on record do not tell. @param {Array<import("./formats.js").LikelyComponent>} parts */
export const likelyComponents = (parts) => (parts.length ? `Inspect first: ${parts.map((one) => `${one.component.replaceAll("_", " ")} ${percent(one.share)}`).join(", ")}` : "");

const STOPS = { now: "now", break: "in the next break", shift_end: "at the end of the shift", after_work: "after work", maintenance: "in planned maintenance", part: "when the part arrives", run_on: "running on" };

/** When to stop a machine at risk, the cheapest first; nothing without costs or life. @param {Array<import("./formats.js").StopOption>} options @param {(at: string) => string} clock */
export const stopOptions = (options, clock) => (options.length
  ? `Expected cost of stopping it: ${options.map((one) => `${STOPS[one.when]}${one.at && one.when !== "now" ? ` (${clock(one.at)})` : ""} ${number(one.expected_cost, 0)}`).join(", ")}`
  : "");
