// Everything that is wrong with a machine, as one card: one acknowledgement, one verdict, its comments and its history.
import { t } from "../kit/language.js";
import { beforeFailure, caseState, facts, history, historyTitle, remarks, severityName, summaryOf, usableLinks } from "./words.js";
import { link, mayAct, post, subject } from "../service/api.js";
import { nowSeconds, time } from "../kit/clock.js";
import { ask } from "../kit/dialog.js";
import { attempt, badge, button, h, toast } from "../kit/html.js";
import { nameOf, readable } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Case} Case */
/** @typedef {"acknowledge" | "snooze" | "assign" | "comment" | "verdict"} CaseAction */

const LINKS = /** @type {Record<string, string>} */ ({ rule: t("Rule"), dashboard: t("Dashboard"), runbook: t("What to do") });
/** The message after each action. @type {Record<CaseAction, string>} */
const DONE = {
  acknowledge: t("Acknowledged."), snooze: t("Snoozed."), assign: t("Assigned."), comment: t("Comment saved."), verdict: t("Verdict saved."),
};

/** @param {string} name @param {string} label @param {boolean} [required] */
const text = (name, label, required = false) => ({ name, label, input: h("textarea", { id: name, required, maxlength: "2000" }) });

/** @param {Case} one @param {CaseAction} action @param {object} body */
const act = (one, action, body) =>
  post(`/api/cases/${encodeURIComponent(one.case_id)}/${action}`, body).then(() => toast(DONE[action], "good"));

/** @param {Case} one */
function askSnooze(one) {
  const minutes = h("select", { id: "minutes" }, [["30", t("30 minutes")], ["240", t("4 hours")], ["1440", t("a day")], ["10080", t("a week")]].map(
    ([value, name]) => h("option", { value }, name)));
  ask({ title: t("Snooze for how long?"), confirm: t("Snooze"), fields: [{ name: "minutes", label: t("Show it again after"), input: minutes },
    text("comment", t("Comment"))], act: (values) => act(one, "snooze", { minutes: Number(values.minutes), comment: values.comment }) });
}

/** @param {Case} one */
function askAssign(one) {
  const assignee = h("input", { id: "assignee", required: true, maxlength: "200", value: nameOf(one.assignee ?? subject()) });
  ask({ title: t("Who takes care of it?"), confirm: t("Assign"), fields: [{ name: "assignee", label: t("Name"), input: assignee },
    text("comment", t("Comment"))], act: (values) => act(one, "assign", values) });
}

/** @param {Case} one */
function askVerdict(one) {
  const verdict = h("select", { id: "verdict" }, h("option", { value: "true_alarm" }, t("A true alarm: something was wrong")),
    h("option", { value: "false_alarm" }, t("A false alarm: nothing was wrong")));
  ask({ title: t("What was the cause?"), confirm: t("Save the verdict"), note: t("The next model learns from your verdict."),
    fields: [{ name: "verdict", label: t("Verdict"), input: verdict }, text("finding", t("What was found at the machine"), true)],
    act: (values) => act(one, "verdict", values) });
}

/** @param {Case} one */
export function askAcknowledge(one) {
  ask({ title: one.device_id ? t("Acknowledge {machine}?", { machine: one.device_id }) : t("Acknowledge this alarm?"), confirm: t("Acknowledge"),
    note: t("{alarm}. Nobody else is paged about it then.", { alarm: summaryOf(one.alarms[0]) }).replaceAll("..", "."),
    fields: [text("comment", t("Comment"))], act: (values) => act(one, "acknowledge", values) });
}

/** @param {Case} one */
function actionButtons(one) {
  const open = one.state !== "cleared";
  return [
    one.state === "active" || one.state === "snoozed" ? button(t("Acknowledge"), () => attempt(act(one, "acknowledge", {}))) : null,
    open ? button(t("Snooze …"), () => askSnooze(one)) : null,
    open && nameOf(one.assignee ?? "") !== nameOf(subject()) ? button(t("Assign to me"), () => attempt(act(one, "assign", { assignee: subject() }))) : null,
    open ? button(t("Assign …"), () => askAssign(one)) : null,
    button(t("Comment …"), () => ask({ title: t("Comment on this case"), confirm: t("Save"), fields: [text("comment", t("Comment"), true)],
      act: (values) => act(one, "comment", values) })),
    button(one.verdict ? t("Change the verdict …") : t("Verdict …"), () => askVerdict(one)),
  ];
}

/** The summary with the machine's name as a link, without repeating the name. @param {Case} one @param {boolean} compact */
function about(one, compact) {
  const summary = summaryOf(one.alarms[0]);
  if (!one.device_id || compact) return summary;
  const named = summary.startsWith(one.device_id);
  return [h("a", { href: link(`/devices/${one.device_id}`) }, one.device_id),
    named ? summary.slice(one.device_id.length) : ` ${summary}`];
}

/** Which histories are open, for cards are drawn again. @type {Set<string>} */
const unfolded = new Set();

/** @param {Case} one */
function historyOf(one) {
  if (one.alarms.length + one.earlier.length < 2) return null;
  return h("details", { open: unfolded.has(one.case_id),
    ontoggle: (/** @type {any} */ event) => { unfolded[event.target.open ? "add" : "delete"](one.case_id); } },
  h("summary", {}, historyTitle(one)), h("ul", { class: "plain" }, history(one, time).map((line) => h("li", {}, line))));
}

/** @param {Case} one */
function commentsOn(one) {
  const said = remarks(one.remarks);
  return said.length ? h("ul", { class: "plain comments", "aria-label": t("Comments") }, said.map((entry) =>
    h("li", {}, h("span", { class: "quiet" }, `${time(entry.at)} ${nameOf(entry.by)}: `), entry.text))) : null;
}

/** @param {Case} one @param {{compact?: boolean, paged?: string}} [options] with `paged`, who was paged about it */
export function caseCard(one, { compact = false, paged = "" } = {}) {
  const description = readable(one.alarms[0].description);
  const before = beforeFailure(one, time);
  return h("article", { "data-case": one.case_id, "aria-label": summaryOf(one.alarms[0]) },
    h("p", {}, badge(one.severity, severityName(one.severity)), " ", badge(one.state, caseState(one.state)), " ", h("strong", {}, about(one, compact))),
    h("p", { class: "quiet" }, facts(one, nowSeconds(), time).join(" · ")),
    paged ? h("p", { class: "quiet" }, paged) : null,
    before ? h("p", {}, before) : null,
    one.factors.length ? h("p", {}, `${one.failed_at ? t("Reasons before the failure") : t("Reasons")}: ${one.factors.map(readable).join("; ")}`) : null,
    description ? h("p", {}, description) : null,
    commentsOn(one),
    historyOf(one),
    h("div", { class: "row" }, mayAct() ? actionButtons(one) : null,
      usableLinks(one.alarms[0].links, Boolean(document.documentElement.dataset.grafana)).map(([name, address]) =>
        h("a", { class: "button", href: address, rel: "noreferrer" }, LINKS[name] ?? name))));
}
