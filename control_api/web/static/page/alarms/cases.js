// Everything that is wrong with a machine, as one card: one acknowledgement, one verdict, its comments and its history.
import { beforeFailure, facts, history, historyTitle, nameOf, remarks, summaryOf, usableLinks } from "./words.js";
import { link, mayAct, post, subject } from "../service/api.js";
import { nowSeconds, time } from "../kit/clock.js";
import { ask } from "../kit/dialog.js";
import { attempt, badge, button, h, toast } from "../kit/html.js";
import { readable } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Case} Case */
/** @typedef {"acknowledge" | "snooze" | "assign" | "comment" | "verdict"} CaseAction */

const LINKS = /** @type {Record<string, string>} */ ({ rule: "Rule", dashboard: "Dashboard", runbook: "What to do" });
/** The message after each action. @type {Record<CaseAction, string>} */
const DONE = { acknowledge: "Acknowledged.", snooze: "Snoozed.", assign: "Assigned.", comment: "Comment saved.", verdict: "Verdict saved." };

/** @param {string} name @param {string} label @param {boolean} [required] */
const text = (name, label, required = false) => ({ name, label, input: h("textarea", { id: name, required, maxlength: "2000" }) });

/** @param {Case} one @param {CaseAction} action @param {object} body */
const act = (one, action, body) =>
  post(`/api/cases/${encodeURIComponent(one.case_id)}/${action}`, body).then(() => toast(DONE[action], "good"));

/** @param {Case} one */
function askSnooze(one) {
  const minutes = h("select", { id: "minutes" }, [["30", "30 minutes"], ["240", "4 hours"], ["1440", "a day"], ["10080", "a week"]].map(
    ([value, name]) => h("option", { value }, name)));
  ask({ title: "Snooze for how long?", confirm: "Snooze", fields: [{ name: "minutes", label: "Show it again after", input: minutes },
    text("comment", "Comment")], act: (values) => act(one, "snooze", { minutes: Number(values.minutes), comment: values.comment }) });
}

/** @param {Case} one */
function askAssign(one) {
  const assignee = h("input", { id: "assignee", required: true, maxlength: "200", value: one.assignee ?? subject() });
  ask({ title: "Who takes care of it?", confirm: "Assign", fields: [{ name: "assignee", label: "Name", input: assignee },
    text("comment", "Comment")], act: (values) => act(one, "assign", values) });
}

/** @param {Case} one */
function askVerdict(one) {
  const verdict = h("select", { id: "verdict" }, h("option", { value: "true_alarm" }, "A true alarm: something was wrong"),
    h("option", { value: "false_alarm" }, "A false alarm: nothing was wrong"));
  ask({ title: "What was the cause?", confirm: "Save the verdict", note: "The next model learns from your verdict.",
    fields: [{ name: "verdict", label: "Verdict", input: verdict }, text("finding", "What was found at the machine", true)],
    act: (values) => act(one, "verdict", values) });
}

/** @param {Case} one */
export function askAcknowledge(one) {
  ask({ title: `Acknowledge ${one.device_id ?? "this alarm"}?`, confirm: "Acknowledge",
    note: `${summaryOf(one.alarms[0])}. Nobody else is paged about it then.`.replaceAll("..", "."),
    fields: [text("comment", "Comment")], act: (values) => act(one, "acknowledge", values) });
}

/** @param {Case} one */
function actionButtons(one) {
  const open = one.state !== "cleared";
  return [
    one.state === "active" || one.state === "snoozed" ? button("Acknowledge", () => attempt(act(one, "acknowledge", {}))) : null,
    open ? button("Snooze …", () => askSnooze(one)) : null,
    open && one.assignee !== subject() ? button("Assign to me", () => attempt(act(one, "assign", { assignee: subject() }))) : null,
    open ? button("Assign …", () => askAssign(one)) : null,
    button("Comment …", () => ask({ title: "Comment on this case", confirm: "Save", fields: [text("comment", "Comment", true)],
      act: (values) => act(one, "comment", values) })),
    button(one.verdict ? "Change the verdict …" : "Verdict …", () => askVerdict(one)),
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

/** Which histories are open, for cards are drawn anew. @type {Set<string>} */
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
  return said.length ? h("ul", { class: "plain comments", "aria-label": "Comments" }, said.map((entry) =>
    h("li", {}, h("span", { class: "quiet" }, `${time(entry.at)} ${nameOf(entry.by)}: `), entry.text))) : null;
}

/** @param {Case} one @param {{compact?: boolean, told?: string}} [options] with `told`, who was paged about it */
export function caseCard(one, { compact = false, told = "" } = {}) {
  const description = readable(one.alarms[0].description);
  const before = beforeFailure(one, time);
  return h("article", { "data-case": one.case_id, "aria-label": summaryOf(one.alarms[0]) },
    h("p", {}, badge(one.severity), " ", badge(one.state), " ", h("strong", {}, about(one, compact))),
    h("p", { class: "quiet" }, facts(one, nowSeconds(), time).join(" · ")),
    told ? h("p", { class: "quiet" }, told) : null,
    before ? h("p", {}, before) : null,
    one.factors.length ? h("p", {}, `${one.failed_at ? "Reasons before the failure" : "Reasons"}: ${one.factors.map(readable).join("; ")}`) : null,
    description ? h("p", {}, description) : null,
    commentsOn(one),
    historyOf(one),
    h("div", { class: "row" }, mayAct() ? actionButtons(one) : null,
      usableLinks(one.alarms[0].links, Boolean(document.documentElement.dataset.grafana)).map(([name, address]) =>
        h("a", { class: "button", href: address, rel: "noreferrer" }, LINKS[name] ?? name))));
}
