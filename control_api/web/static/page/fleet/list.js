// Filters, sorts and sums up machines. Pure.
import { t, tn } from "../kit/language.js";
import { freshness, nowSeconds } from "../kit/clock.js";

/** @typedef {import("../service/live.js").KnownDevice} KnownDevice */
/** @typedef {import("../service/formats.js").DeviceFacts} DeviceFacts */
/**
 * @typedef {KnownDevice & {device_type: string, line: string, alarms: number, lock: import("../service/formats.js").Lock | undefined,
 *   shown: string, at_risk: number | null, idle_cost: number | null}} Machine with `shown`, the displayed state: silent machines do
 *   not count as running; `at_risk`, what its failure would cost times its probability; `idle_cost`, what its idling has cost today
 */
/** @typedef {{text: string, line: string, type: string, state: string, sort: string, descending: boolean, wall: string}} Choice */

export const STATES = ["running", "idle", "stopped", "failed", "maintenance"];
export const SHOWN_STATES = [...STATES, "silent"];

/** The displayed state. @param {KnownDevice} device @param {number} [present] seconds since the epoch */
export function shownState(device, present = nowSeconds()) {
  switch (freshness(device.at, present)) {
    case "history": return "no recent data";
    case "silent": return "silent";
    // The service detects silence sooner, because it knows how often this machine reports.
    case "reporting": return device.silent ? "silent" : device.state ?? "not known";
    default: return device.state ?? "not known";
  }
}

/** What a failure puts at risk; nothing for a machine below the model's threshold.
 * @param {KnownDevice} device @param {DeviceFacts | undefined} facts
 */
function atRisk(device, facts) {
  const [price, risk] = [facts?.failure_cost ?? null, device.risk ?? null];
  return device.prediction === 1 && price !== null && risk !== null ? price * risk : null;
}

/** A machine with everything that the list shows.
 * @param {KnownDevice} device @param {DeviceFacts | undefined} facts @param {number} alarms
 * @param {import("../service/formats.js").Lock | undefined} lock @param {number} [present]
 * @param {import("../energy/words.js").Total} [today] its energy today
 * @returns {Machine}
 */
export const machineOf = (device, facts, alarms, lock, present = nowSeconds(), today = undefined) => ({
  ...device, device_type: facts?.device_type ?? "", line: facts?.line ?? "", alarms, lock, shown: shownState(device, present),
  at_risk: atRisk(device, facts), idle_cost: today?.idle_cost ?? null,
});

/** Whether its last values are current. @param {{shown: string}} one */
export const isCurrent = (one) => one.shown !== "silent" && one.shown !== "no recent data";

/** Whether it needs attention; an old reading is no reason. @param {Machine} one */
export const needsAttention = (one) => one.alarms > 0 ||
  (one.state === "failed" && one.shown !== "no recent data") || (one.prediction === 1 && isCurrent(one));

/** @param {Machine} one */
const urgency = (one) => (one.alarms ? 4 : 0) + (one.state === "failed" ? 2 : 0) + (one.risk ?? 0);

/** @param {Machine} a @param {Machine} b */
const byId = (a, b) => (a.device_id < b.device_id ? -1 : 1);

/** The machines that match the choice, sorted. @param {Machine[]} machines @param {Choice} chosen */
export function wanted(machines, chosen) {
  const text = chosen.text.trim().toLowerCase();
  const found = machines.filter((one) =>
    (!chosen.line || one.line === chosen.line) && (!chosen.type || one.device_type === chosen.type) &&
    (!chosen.state || one.shown === chosen.state) &&
    (!text || `${one.device_id} ${one.device_type} ${one.line}`.toLowerCase().includes(text)));
  if (chosen.wall) return found.filter(needsAttention).sort((a, b) => urgency(b) - urgency(a) || byId(a, b));
  const way = chosen.descending ? -1 : 1;
  const value = (/** @type {Machine} */ one) => /** @type {any} */ (one)[chosen.sort] ?? null;
  return found.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === y) return byId(a, b);
    if (x === null) return 1; // unknown values come last in both directions
    if (y === null) return -1;
    return x < y ? -way : way;
  });
}

/** The sum of what is known; null if nothing is. @param {(number | null | undefined)[]} values */
export const added = (values) => values.reduce((/** @type {number | null} */ sum, value) =>
  (value === null || value === undefined ? sum : (sum ?? 0) + value), null);

/** The machines of a line together. @typedef {{line: string, machines: number, power: number | null, kwh: number | null,
 *   cost: number | null, idle_cost: number | null, atRisk: number | null}} LineTotal */

/** Lines with today's energy and money, the costliest idling first. @param {Machine[]} machines @param {Map<string, import("../energy/words.js").Total>} today
 * @returns {LineTotal[]}
 */
export function lineTotals(machines, today) {
  /** @type {Map<string, Machine[]>} */
  const lines = new Map();
  for (const one of machines) if (one.line) lines.set(one.line, [...(lines.get(one.line) ?? []), one]);
  return [...lines].map(([line, theirs]) => {
    const energy = theirs.map((one) => today.get(one.device_id));
    const { power, atRisk: risk } = totals(theirs);
    return { line, machines: theirs.length, power, atRisk: risk, kwh: added(energy.map((one) => one?.kwh)),
      cost: added(energy.map((one) => one?.cost)), idle_cost: added(energy.map((one) => one?.idle_cost)) };
  }).sort((a, b) => (b.idle_cost ?? -1) - (a.idle_cost ?? -1) || (a.line < b.line ? -1 : 1));
}

/** Totals of the fleet; silent machines count as silent only. While nothing is predicted, it is not known how many are at risk of failing. @param {Machine[]} machines */
export function totals(machines) {
  const current = machines.filter(isCurrent);
  const predicted = current.filter((one) => one.prediction === 0 || one.prediction === 1);
  return {
    states: Object.fromEntries(SHOWN_STATES.map((state) => [state, machines.filter((one) => one.shown === state).length])),
    power: added(current.map((one) => one.power_watts)),
    risky: predicted.length || !current.length ? predicted.filter((one) => one.prediction === 1).length : null,
    atRisk: added(current.map((one) => one.at_risk)),
  };
}

/** A sentence about silent machines, if there are any. Machines whose last reading is more than a day old do not count.
 * @param {Machine[]} machines @param {(milliseconds: number) => string} moment
 */
export function silenceSentence(machines, moment) {
  const silent = machines.filter((one) => one.shown === "silent");
  if (!silent.length) return "";
  if (machines.some((one) => isCurrent(one) && one.at)) {
    return tn("{n} machine is silent and not counted; it may still be running.",
      "{n} machines are silent and not counted; they may still be running.", silent.length);
  }
  return t("No machine is reporting. All values are as of {moment}.", { moment: moment(1000 * Math.max(...silent.map((one) => one.at ?? 0))) });
}

/** The number of listed machines as a sentence. @param {number} found @param {number} all @param {number} most @param {boolean} wall */
export function countSentence(found, all, most, wall) {
  const shown = found > most ? t(", the first {most} are shown", { most }) : "";
  if (!wall) return t("{found} of {all} machines", { found, all }) + shown;
  if (!found) return t("None of {all} machines need attention", { all });
  return tn("{n} of {all} machines needs attention", "{n} of {all} machines need attention", found, { all }) + shown;
}
