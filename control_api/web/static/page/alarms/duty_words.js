// The texts about who is on duty and who was paged. Pure: times are shown by functions that are given.
import { counted } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Duty} Duty */
/** @typedef {import("../service/formats.js").Escalation} Escalation */
/** @typedef {import("../service/formats.js").Told} Told */
/** @typedef {(moment: string) => string} Show how a moment is shown */

/** Who is on duty in a sentence; nothing where the plant file says nobody is ever. @param {Duty | null} duty @param {Show} show */
export function onDuty(duty, show) {
  if (!duty?.configured) return "";
  const names = duty.on_duty.map((watch) => `${watch.who}${watch.lines.length ? ` (${watch.lines.join(", ")})` : ""} until ${show(watch.until)}`);
  const next = duty.escalate_to.filter((who) => !duty.on_duty.some((watch) => watch.who === who));
  const then = next.length ? ` Without an acknowledgement, after ${duty.escalate_minutes} min each: ${next.join(", then ")}.` : "";
  return `${names.length ? `On duty: ${names.join(", ")}.` : "Nobody is on duty."}${then}`;
}

/** Who cannot be paged; nothing if everybody can. @param {Duty | null} duty */
export const unreachable = (duty) => (duty?.unreachable.length
  ? `${duty.unreachable.join(", ")} cannot be paged: there is no channel for ${duty.unreachable.length === 1 ? "this person" : "these people"}.` : "");

const STATUS = { waiting: "being paged", sent: "paged", failed: "not reached" };

/** Who was paged about a case, the latest message to each. @param {Escalation | undefined} escalation @param {Show} show */
export function told(escalation, show) {
  if (!escalation) return "";
  /** @type {Map<string, Told>} */
  const latest = new Map();
  for (const one of escalation.told) if (!latest.has(one.who)) latest.set(one.who, one);
  const parts = [...latest.values()].reverse().map((one) =>
    `${STATUS[one.status]}: ${one.who} ${show(one.at)}${one.problem ? ` (${one.problem})` : ""}`);
  if (escalation.due_at && parts.length) parts.push(`next at ${show(escalation.due_at)}`);
  const words = parts.join(" · ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The heading of the report. @param {{rules: {alarms: number, pages: number}[]}} noise */
export function noiseTitle(noise) {
  const sum = (/** @type {"alarms" | "pages"} */ key) => noise.rules.reduce((all, rule) => all + rule[key], 0);
  return `The last seven days: ${counted(sum("alarms"), "alarm")}, ${counted(sum("pages"), "page")}`;
}
