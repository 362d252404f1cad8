// Recurring orders.
import { t, tc } from "../kit/language.js";
import { get, link, mayAct, post, remove } from "../service/api.js";
import { time, zoneName } from "../kit/clock.js";
import { ask, reasonField } from "../kit/dialog.js";
import { attempt, button, h, headRow, labelled, loadingRow, soon, toast } from "../kit/html.js";
import { live } from "../service/live.js";
import { ACTIONS, days, typeName } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Schedule} Schedule */

const COLUMNS = [t("Name"), t("What"), t("When"), t("Next run"), t("Last run"), t("State"), ""];
/** @type {Record<string, string>} */
const STATES = { active: tc("schedule", "active"), paused: tc("schedule", "paused") };
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The machines of a schedule, in words. @param {Schedule} one */
function targets(one) {
  const words = [one.line ? t("line {line}", { line: one.line }) : null, one.device_type && typeName(one.device_type), one.device_ids?.join(", "),
    one.idle_minutes !== null ? t("if idle for {minutes} min", { minutes: one.idle_minutes }) : null];
  return words.filter(Boolean).join(", ");
}

/** @param {string[]} lines */
function newFields(lines) {
  /** @param {string} name @param {string} label @param {HTMLInputElement | HTMLSelectElement} input */
  const field = (name, label, input) => ({ name, label, input });
  const boxes = DAYS.map((day) => h("input", { type: "checkbox", value: day, checked: !["sat", "sun"].includes(day) }));
  const row = h("fieldset", {}, h("legend", {}, tc("days", "On")),
    h("div", { class: "row" }, boxes.map((box) => h("label", { class: "check" }, box, days([box.value])))));
  const fields = [
    field("name", t("Name"), h("input", { id: "name", required: true, maxlength: "100" })),
    field("action", t("What"), h("select", { id: "action" }, h("option", { value: "shutdown" }, t("Shut down")), h("option", { value: "restart" }, t("Restart")))),
    field("line", t("Line"), h("select", { id: "line" }, lines.map((name) => h("option", { value: name }, name)))),
    field("idle", t("Only machines that have been idle for at least this many minutes"), h("input", { id: "idle", type: "number", min: "0", value: "10" })),
    field("at", t("At (plant time)"), h("input", { id: "at", type: "time", required: true, value: "22:15" })),
    { name: "days", input: h("input", { type: "hidden" }), row },
    reasonField(),
  ];
  return { fields, chosen: () => boxes.filter((box) => box.checked).map((box) => box.value) };
}

/** @param {string[]} lines */
function askNew(lines) {
  const { fields, chosen } = newFields(lines);
  ask({
    title: t("New schedule"), confirm: t("Create"), fields,
    act: async (values) => {
      await post("/api/schedules", {
        name: values.name, action: values.action, at: values.at, reason: values.reason, days: chosen(),
        select: { line: values.line, ...(values.action === "shutdown" && values.idle !== "" ? { idle_minutes: Number(values.idle) } : {}) },
      });
      toast(t("Scheduled."), "good");
    },
  });
}

/** @param {Schedule} one */
function actionButtons(one) {
  const path = `/api/schedules/${one.schedule_id}`;
  const active = one.state === "active";
  return h("div", { class: "row" },
    button(active ? t("Pause") : t("Resume"), () => attempt(post(`${path}/${active ? "pause" : "resume"}`))),
    button(t("Delete …"), () => ask({ title: t("Delete {name}?", { name: one.name }), confirm: t("Delete"), danger: true, act: () => remove(path) })));
}

/** @param {Schedule} one */
const scheduleRow = (one) => labelled(COLUMNS, h("tr", {},
  h("td", {}, one.name),
  h("td", {}, `${ACTIONS[one.action]}: ${targets(one)}`),
  h("td", {}, `${days(one.days)} ${one.at}${one.time_zone === zoneName ? "" : ` (${one.time_zone})`}`),
  h("td", {}, time(one.next_run_at)),
  h("td", {}, one.last_run_at ? `${time(one.last_run_at)}: ${one.last_sentence}` : "–"),
  h("td", {}, h("span", { class: `badge ${one.state === "active" ? "running" : "idle"}` }, STATES[one.state] ?? one.state)),
  h("td", {}, mayAct() ? actionButtons(one) : null)));

const emptyRow = () => h("tr", {}, h("td", { class: "quiet", colspan: String(COLUMNS.length) },
  t("No schedules yet. A schedule shuts down or restarts machines at fixed times of the week. Each is listed here with its next and last run.")));

/** @param {HTMLElement} place */
export async function show(place) {
  const body = h("tbody", {}, loadingRow());
  const { devices } = await get("/api/devices?limit=1000");
  const lines = /** @type {string[]} */ ([...new Set(devices.map((/** @type {any} */ device) => device.line).filter(Boolean))].sort());
  place.replaceChildren(
    h("div", { class: "row tools" },
      mayAct() ? button(t("New schedule …"), () => askNew(lines), "primary") : null,
      h("a", { class: "button", href: link("/api/schedules.csv") }, t("Schedules as CSV"))),
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": t("Schedules") },
      h("table", { class: "stack" }, headRow(COLUMNS), body)));
  live.on("schedules", soon(() => body.replaceChildren(...(live.schedules.length ? live.schedules.map(scheduleRow) : [emptyRow()]))));
}
