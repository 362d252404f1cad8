// The texts of alarms and cases. Pure: times are shown by functions that are given.
import { t, tc, tn } from "../kit/language.js";
import { ago, nameOf, readable, span } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Case} Case */
/** @typedef {import("../service/formats.js").Alarm} Alarm */
/** @typedef {import("../service/formats.js").AlarmEntry} AlarmEntry */
/** @typedef {(moment: string) => string} Show how a moment is shown */

const VERDICTS = { true_alarm: t("true alarm"), false_alarm: t("false alarm") };
/** @type {Record<string, string>} */
const SEVERITIES = { critical: t("critical"), warning: t("warning"), info: t("info") };
/** @type {Record<string, string>} */
const STATES = {
  active: tc("alarm", "active"), acknowledged: tc("alarm", "acknowledged"), snoozed: tc("alarm", "snoozed"), cleared: tc("alarm", "cleared"),
};
/** @param {string} severity */
export const severityName = (severity) => SEVERITIES[severity] ?? severity;
/** @param {string} state */
export const caseState = (state) => STATES[state] ?? state;

/** The name of a rule as words, for rules without a summary: "Device silent" for DeviceSilent. @param {string} rule */
export function spaced(rule) {
  const words = rule.replaceAll("_", " ").replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an alarm says, in words. @param {Pick<Alarm, "rule" | "summary">} alarm */
export const summaryOf = (alarm) => readable(alarm.summary === alarm.rule ? spaced(alarm.rule) : alarm.summary);

/** The links of an alarm that work on this page. @param {Record<string, string>} links @param {boolean} hasGrafana */
export const usableLinks = (links, hasGrafana) => Object.entries(links).filter(([name, address]) => hasGrafana ||
  // Without Grafana there are no dashboards, and Prometheus' own pages do not help people who handle an alarm.
  (name !== "dashboard" && !/\/graph\?/.test(address)));

/** People's comments, oldest first; a finding stands with the verdict. @param {AlarmEntry[]} entries */
export const remarks = (entries) => entries.filter((entry) => entry.text && entry.deed !== "judged").reverse();

/** What is known about a case, in short parts. @param {Case} one @param {number} present seconds @param {Show} show */
export function facts(one, present, show) {
  const snoozed = one.alarms.map((alarm) => alarm.snoozed_until).filter((until) => until !== null).sort().at(-1);
  return [
    one.cleared_at ? t("from {begin} to {end}", { begin: show(one.opened_at), end: show(one.cleared_at) })
      : t("for {span}, since {begin}", {
        span: span(Math.max(0, present - Date.parse(one.opened_at) / 1000)), begin: show(one.opened_at) }),
    one.acknowledged_by ? t("acknowledged by {name}", { name: nameOf(one.acknowledged_by) }) : null,
    snoozed && one.state === "snoozed" ? t("snoozed until {moment}", { moment: show(snoozed) }) : null,
    one.assignee ? t("assigned to {name}", { name: nameOf(one.assignee) }) : null,
    one.verdict ? `${VERDICTS[one.verdict]}: ${one.finding}` : null,
  ].filter((part) => part !== null);
}

/** The alarms of a case as its history, oldest first. @param {Case} one @param {Show} show */
export const history = (one, show) => [...one.alarms, ...one.earlier]
  .sort((a, b) => Date.parse(a.opened_at) - Date.parse(b.opened_at))
  .map((alarm) => `${show(alarm.opened_at)}: ${summaryOf(alarm)}${alarm.cleared_at ? t(", until {moment}", { moment: show(alarm.cleared_at) }) : ""}`);

/** The line above the history. @param {Case} one */
export const historyTitle = (one) => tn("History: {n} alarm", "History: {n} alarms", one.alarms.length + one.earlier.length);

/** What was known before a failure; nothing for a case without one. @param {Case} one @param {Show} show */
export function beforeFailure(one, show) {
  if (!one.failed_at) return null;
  if (!one.warned_at) return t("No warning came before this failure.");
  const early = (Date.parse(one.failed_at) - Date.parse(one.warned_at)) / 1000;
  return t("Predicted {span} before it failed, at {moment}: {warning}.",
    { span: span(early), moment: show(one.warned_at), warning: readable(one.warning ?? "") }).replace(/\.\.$/, ".");
}

/** When somebody was notified, for a person: "anna 2 min ago". @param {number} at seconds @param {number} present @param {string} who */
export const toldAgo = (at, present, who) => `${who} ${ago(at, present, () => t("long ago"))}`;
