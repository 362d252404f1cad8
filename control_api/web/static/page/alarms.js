// Alarms: who looks after which, and what was behind it.
import { link, mayAct, post, subject } from "./api.js";
import { ask } from "./dialog.js";
import { badge, h, soon, toast } from "./html.js";
import { live } from "./live.js";
import { time } from "./words.js";

const RANK = { critical: 0, warning: 1, info: 2 };
const STATE_RANK = { active: 0, acknowledged: 1, snoozed: 2, cleared: 3 };

const LINKS = { rule: "Rule", dashboard: "Dashboard", runbook: "Runbook" };

const text = (name, label, required = false) => ({ name, label, input: h("textarea", { id: name, required, maxlength: "2000" }) });

function act(alarm, deed, body) {
  return post(`/api/alarms/${alarm.alarm_id}/${deed}`, body).then(() => toast(`${alarm.rule}: done.`, "good"));
}

function askSnooze(alarm) {
  const minutes = h("select", { id: "minutes" }, [[30, "30 minutes"], [240, "4 hours"], [1440, "a day"], [10080, "a week"]].map(
    ([value, name]) => h("option", { value: String(value) }, name)));
  ask({ title: "Snooze for how long?", confirm: "Snooze", fields: [{ name: "minutes", label: "Bring it back after", input: minutes },
    text("comment", "Comment")], act: (values) => act(alarm, "snooze", { minutes: Number(values.minutes), comment: values.comment }) });
}

function askVerdict(alarm) {
  const verdict = h("select", { id: "verdict" }, h("option", { value: "true_alarm" }, "A true alarm: there was something"),
    h("option", { value: "false_alarm" }, "A false alarm: there was nothing"));
  ask({ title: "What was behind it?", confirm: "Save the verdict", note: "The next model learns from it.",
    fields: [{ name: "verdict", label: "Verdict", input: verdict }, text("finding", "What was found at the machine", true)],
    act: (values) => act(alarm, "verdict", values) });
}

function deeds(alarm) {
  const button = (name, onclick) => h("button", { type: "button", onclick }, name);
  const attempt = (promise) => promise.catch((error) => toast(error.message, "bad"));
  return [
    alarm.state === "active" || alarm.state === "snoozed"
      ? button("Acknowledge", () => attempt(act(alarm, "acknowledge", {}))) : null,
    alarm.state !== "cleared" ? button("Snooze …", () => askSnooze(alarm)) : null,
    alarm.assignee !== subject() ? button("Take it", () => attempt(act(alarm, "assign", { assignee: subject() }))) : null,
    button("Comment …", () => ask({ title: "Comment", confirm: "Save", fields: [text("comment", "Comment", true)],
      act: (values) => act(alarm, "comment", values) })),
    button(alarm.verdict ? "Change the verdict …" : "Verdict …", () => askVerdict(alarm)),
  ];
}

function about(alarm, compact) {
  // The machine's name leads to it; where the summary begins with it, it is not said twice.
  if (!alarm.device_id || compact) return alarm.summary;
  const named = alarm.summary.startsWith(alarm.device_id);
  return [h("a", { href: link(`/devices/${alarm.device_id}`) }, alarm.device_id),
    named ? alarm.summary.slice(alarm.device_id.length) : ` ${alarm.summary}`];
}

export function alarmItem(alarm, { compact = false } = {}) {
  const what = [badge(alarm.severity), " ", badge(alarm.state), " ",
    h("strong", {}, about(alarm, compact))];
  const facts = [`since ${time(alarm.opened_at)}`, alarm.episode > 1 ? `for the ${alarm.episode}. time` : null,
    alarm.acknowledged_by ? `acknowledged by ${alarm.acknowledged_by}` : null,
    alarm.snoozed_until ? `snoozed until ${time(alarm.snoozed_until)}` : null,
    alarm.assignee ? `with ${alarm.assignee}` : null,
    alarm.verdict ? `${alarm.verdict.replace("_", " ")}: ${alarm.finding}` : null].filter(Boolean).join(" · ");
  return h("article", { "data-alarm": alarm.alarm_id, "aria-label": `${alarm.rule} ${alarm.device_id ?? ""}` },
    h("p", {}, what), h("p", { class: "quiet" }, facts),
    alarm.factors.length ? h("p", {}, `Because: ${alarm.factors.join("; ")}`) : null,
    compact || !alarm.description ? null : h("p", {}, alarm.description),
    h("div", { class: "row" }, mayAct() ? deeds(alarm) : null,
      Object.entries(alarm.links).map(([name, address]) => h("a", { class: "button", href: address, rel: "noreferrer" }, LINKS[name] ?? name))));
}

export async function show(place) {
  const only = h("select", { id: "only", onchange: () => draw() }, h("option", { value: "open" }, "open"),
    h("option", { value: "all" }, "open, and cleared in the last day"));
  const list = h("ul", { class: "plain", "aria-label": "Alarms" });
  place.replaceChildren(
    h("div", { class: "row tools" }, h("div", {}, h("label", { for: "only" }, "Show"), only),
      h("a", { class: "button", href: link("/api/alarms.csv") }, "Alarms as CSV"),
      h("a", { class: "button", href: link("/api/alarm-log.csv") }, "What was done, as CSV")),
    h("div", { class: "panel" }, list));
  function draw() {
    const alarms = live.alarms.filter((alarm) => only.value === "all" || alarm.state !== "cleared");
    alarms.sort((a, b) => STATE_RANK[a.state] - STATE_RANK[b.state] || RANK[a.severity] - RANK[b.severity] ||
      Date.parse(b.opened_at) - Date.parse(a.opened_at));
    list.replaceChildren(...(alarms.length ? alarms.map((alarm) => h("li", {}, alarmItem(alarm)))
      : [h("li", { class: "quiet" }, "No alarm is open.")]));
  }
  live.on("alarms", soon(draw));
}
