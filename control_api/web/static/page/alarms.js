// Alarms: who handles them, and their verdicts.
import { comments } from "./alarm_log.js";
import { spaced, usableLinks } from "./alarm_words.js";
import { link, mayAct, post, subject } from "./api.js";
import { time } from "./clock.js";
import { ask } from "./dialog.js";
import { attempt, badge, button, h, none, soon, toast } from "./html.js";
import { live } from "./live.js";
import { readable } from "./words.js";

/** @typedef {import("./formats.js").Alarm} Alarm */
/** @typedef {"acknowledge" | "snooze" | "assign" | "comment" | "verdict"} AlarmAction */

const RANK = { critical: 0, warning: 1, info: 2 };
const STATE_RANK = { active: 0, acknowledged: 1, snoozed: 2, cleared: 3 };
const LINKS = /** @type {Record<string, string>} */ ({ rule: "Rule", dashboard: "Dashboard", runbook: "Runbook" });
const VERDICTS = { true_alarm: "true alarm", false_alarm: "false alarm" };
/** The message after each action. @type {Record<AlarmAction, string>} */
const DONE = { acknowledge: "Acknowledged.", snooze: "Snoozed.", assign: "Assigned to you.", comment: "Comment saved.", verdict: "Verdict saved." };

/** @param {string} name @param {string} label @param {boolean} [required] */
const text = (name, label, required = false) => ({ name, label, input: h("textarea", { id: name, required, maxlength: "2000" }) });

/** @param {Alarm} alarm @param {AlarmAction} action @param {object} body */
const act = (alarm, action, body) => post(`/api/alarms/${alarm.alarm_id}/${action}`, body).then(() => toast(DONE[action], "good"));

/** @param {Alarm} alarm */
function askSnooze(alarm) {
  const minutes = h("select", { id: "minutes" }, [["30", "30 minutes"], ["240", "4 hours"], ["1440", "a day"], ["10080", "a week"]].map(
    ([value, name]) => h("option", { value }, name)));
  ask({ title: "Snooze for how long?", confirm: "Snooze", fields: [{ name: "minutes", label: "Show it again after", input: minutes },
    text("comment", "Comment")], act: (values) => act(alarm, "snooze", { minutes: Number(values.minutes), comment: values.comment }) });
}

/** @param {Alarm} alarm */
function askVerdict(alarm) {
  const verdict = h("select", { id: "verdict" }, h("option", { value: "true_alarm" }, "A true alarm: something was wrong"),
    h("option", { value: "false_alarm" }, "A false alarm: nothing was wrong"));
  ask({ title: "What was the cause?", confirm: "Save the verdict", note: "The next model learns from your verdict.",
    fields: [{ name: "verdict", label: "Verdict", input: verdict }, text("finding", "What was found at the machine", true)],
    act: (values) => act(alarm, "verdict", values) });
}

/** @param {Alarm} alarm */
function actionButtons(alarm) {
  return [
    alarm.state === "active" || alarm.state === "snoozed" ? button("Acknowledge", () => attempt(act(alarm, "acknowledge", {}))) : null,
    alarm.state !== "cleared" ? button("Snooze …", () => askSnooze(alarm)) : null,
    alarm.assignee !== subject() ? button("Assign to me", () => attempt(act(alarm, "assign", { assignee: subject() }))) : null,
    button("Comment …", () => ask({ title: "Comment on this alarm", confirm: "Save", fields: [text("comment", "Comment", true)],
      act: (values) => act(alarm, "comment", values) })),
    button(alarm.verdict ? "Change the verdict …" : "Verdict …", () => askVerdict(alarm)),
  ];
}

/** The summary with the machine's name as a link, without repeating the name. @param {Alarm} alarm @param {boolean} compact */
function about(alarm, compact) {
  const summary = readable(alarm.summary === alarm.rule ? spaced(alarm.rule) : alarm.summary);
  if (!alarm.device_id || compact) return summary;
  const named = summary.startsWith(alarm.device_id);
  return [h("a", { href: link(`/devices/${alarm.device_id}`) }, alarm.device_id),
    named ? summary.slice(alarm.device_id.length) : ` ${summary}`];
}

/** @param {Alarm} alarm */
function facts(alarm) {
  return [`since ${time(alarm.opened_at)}`, alarm.cleared_at && alarm.state === "cleared" ? `cleared ${time(alarm.cleared_at)}` : null,
    alarm.episode > 1 ? `occurrence ${alarm.episode}` : null,
    alarm.acknowledged_by ? `acknowledged by ${alarm.acknowledged_by}` : null,
    alarm.snoozed_until ? `snoozed until ${time(alarm.snoozed_until)}` : null,
    alarm.assignee ? `assigned to ${alarm.assignee}` : null,
    alarm.verdict ? `${VERDICTS[alarm.verdict]}: ${alarm.finding}` : null].filter(Boolean).join(" · ");
}

/** @param {Alarm} alarm @param {{compact?: boolean}} [options] */
export function alarmItem(alarm, { compact = false } = {}) {
  const description = readable(alarm.description);
  return h("article", { "data-alarm": alarm.alarm_id, "aria-label": readable(alarm.summary) },
    h("p", {}, badge(alarm.severity), " ", badge(alarm.state), " ", h("strong", {}, about(alarm, compact))),
    h("p", { class: "quiet" }, facts(alarm)),
    alarm.factors.length ? h("p", {}, `Because: ${alarm.factors.map(readable).join("; ")}`) : null,
    compact || !description ? null : h("p", {}, description),
    comments(alarm),
    h("div", { class: "row" }, mayAct() ? actionButtons(alarm) : null,
      usableLinks(alarm.links, Boolean(document.documentElement.dataset.grafana)).map(([name, address]) =>
        h("a", { class: "button", href: address, rel: "noreferrer" }, LINKS[name] ?? name))));
}

/** @param {HTMLElement} place */
export async function show(place) {
  const only = h("select", { id: "only", onchange: draw }, h("option", { value: "open" }, "open"),
    h("option", { value: "all" }, "open, or cleared in the last day"));
  const list = h("ul", { class: "plain", "aria-label": "Alarms" }, none("Loading …"));
  place.replaceChildren(
    h("div", { class: "row tools" }, h("div", {}, h("label", { for: "only" }, "Show"), only),
      h("a", { class: "button", href: link("/api/alarms.csv") }, "Alarms as CSV"),
      h("a", { class: "button", href: link("/api/alarm-log.csv") }, "Alarm log as CSV")),
    h("div", { class: "panel" }, list));
  function draw() {
    const alarms = live.alarms.filter((alarm) => only.value === "all" || alarm.state !== "cleared");
    alarms.sort((a, b) => STATE_RANK[a.state] - STATE_RANK[b.state] || RANK[a.severity] - RANK[b.severity] ||
      Date.parse(b.opened_at) - Date.parse(a.opened_at));
    list.replaceChildren(...(alarms.length ? alarms.map((alarm) => h("li", {}, alarmItem(alarm)))
      : [none("No open alarms. An alarm appears here when a machine, its data or the system itself needs attention.")]));
  }
  live.on("alarms", soon(draw));
}
