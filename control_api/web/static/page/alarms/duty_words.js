// The texts about who is on duty and who was paged. Pure: times are shown by functions that are given.
import { t, tn } from "../kit/language.js";

/** @typedef {import("../service/formats.js").Duty} Duty */
/** @typedef {import("../service/formats.js").Escalation} Escalation */
/** @typedef {import("../service/formats.js").PagedPerson} PagedPerson */
/** @typedef {(moment: string) => string} Show how a moment is shown */

/** Who is on duty in a sentence; nothing where the plant file says nobody is ever. @param {Duty | null} duty @param {Show} show */
export function onDuty(duty, show) {
  if (!duty?.configured) return "";
  const names = duty.on_duty.map((watch) => t("{name} until {moment}", {
    name: `${watch.who}${watch.lines.length ? ` (${watch.lines.join(", ")})` : ""}`, moment: show(watch.until) }));
  const next = duty.escalate_to.filter((who) => !duty.on_duty.some((watch) => watch.who === who));
  const then = next.length ? ` ${t("Without an acknowledgement, after {minutes} min each: {names}.", {
    minutes: duty.escalate_minutes, names: next.join(t(", then ")) })}` : "";
  return `${names.length ? t("On duty: {names}.", { names: names.join(", ") }) : t("Nobody is on duty.")}${then}`;
}

/** Who cannot be paged; nothing if everybody can. @param {Duty | null} duty */
export const unreachable = (duty) => (duty?.unreachable.length
  ? tn("{names} cannot be paged: there is no channel for this person.", "{names} cannot be paged: there is no channel for these people.",
    duty.unreachable.length, { names: duty.unreachable.join(", ") }) : "");

const STATUS = { waiting: t("being paged"), sent: t("paged"), failed: t("not reached") };

/** Who was paged about a case, the latest message to each. @param {Escalation | undefined} escalation @param {Show} show */
export function whoWasPaged(escalation, show) {
  if (!escalation) return "";
  /** @type {Map<string, PagedPerson>} */
  const latest = new Map();
  for (const one of escalation.paged) if (!latest.has(one.who)) latest.set(one.who, one);
  const parts = [...latest.values()].reverse().map((one) =>
    `${STATUS[one.status]}: ${one.who} ${show(one.at)}${one.problem ? ` (${one.problem})` : ""}`);
  if (escalation.due_at && parts.length) parts.push(t("next at {moment}", { moment: show(escalation.due_at) }));
  const words = parts.join(" · ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The heading of the report. @param {{rules: {alarms: number, pages: number}[]}} noise */
export function noiseTitle(noise) {
  const sum = (/** @type {"alarms" | "pages"} */ key) => noise.rules.reduce((all, rule) => all + rule[key], 0);
  return t("The last seven days: {alarms}, {pages}", {
    alarms: tn("{n} alarm", "{n} alarms", sum("alarms")), pages: tn("{n} page", "{n} pages", sum("pages")) });
}
