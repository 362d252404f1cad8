// Recurring orders.
import { get, link, mayAct, post, remove } from "./api.js";
import { ask, reasonField } from "./dialog.js";
import { h, labelled, soon, toast } from "./html.js";
import { live } from "./live.js";
import { days, time } from "./words.js";

const COLUMNS = ["Name", "What", "When", "Next", "Last time", "State", ""];
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function whom(one) {
  const words = [one.line ? `line ${one.line}` : null, one.device_type, one.device_ids?.join(", "),
    one.idle_minutes !== null ? `idle for ${one.idle_minutes} min` : null];
  return words.filter(Boolean).join(", ");
}

function askNew(lines) {
  const field = (name, label, input) => ({ name, label, input });
  const boxes = DAYS.map((day) => h("label", { class: "check" },
    h("input", { type: "checkbox", value: day, checked: !["sat", "sun"].includes(day) }), day));
  const line = h("select", { id: "line" }, lines.map((name) => h("option", { value: name }, name)));
  ask({
    title: "New schedule", confirm: "Make it",
    fields: [
      field("name", "Name", h("input", { id: "name", required: true, maxlength: "100" })),
      field("action", "What", h("select", { id: "action" }, h("option", { value: "shutdown" }, "Shut down"), h("option", { value: "restart" }, "Restart"))),
      field("line", "Line", line),
      field("idle", "Only machines idle for at least so many minutes", h("input", { id: "idle", type: "number", min: "0", value: "10" })),
      field("at", "At (plant time)", h("input", { id: "at", type: "time", required: true, value: "22:15" })),
      { name: "days", input: h("input", { type: "hidden" }), row: h("fieldset", {}, h("legend", {}, "On"), h("div", { class: "row" }, boxes)) },
      reasonField(),
    ],
    act: async (values) => {
      await post("/api/schedules", {
        name: values.name, action: values.action, at: values.at, reason: values.reason,
        days: boxes.map((day) => day.firstChild).filter((box) => box.checked).map((box) => box.value),
        select: { line: values.line, ...(values.action === "shutdown" && values.idle !== "" ? { idle_minutes: Number(values.idle) } : {}) },
      });
      toast("Scheduled.", "good");
    },
  });
}

export async function show(place) {
  const body = h("tbody");
  const { devices } = await get("/api/devices?limit=1000");
  const lines = [...new Set(devices.map((device) => device.line).filter(Boolean))].sort();
  const attempt = (promise) => promise.catch((error) => toast(error.message, "bad"));
  place.replaceChildren(
    h("div", { class: "row tools" },
      mayAct() ? h("button", { class: "primary", type: "button", onclick: () => askNew(lines) }, "New schedule …") : null,
      h("a", { class: "button", href: link("/api/schedules.csv") }, "Schedules as CSV")),
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "stack" }, h("thead", {}, h("tr", {},
      COLUMNS.map((name) => h("th", { scope: "col" }, name)))), body)));
  live.on("schedules", soon(() => body.replaceChildren(...(live.schedules.length ? live.schedules.map((one) => labelled(COLUMNS, h("tr", {},
    h("td", {}, one.name),
    h("td", {}, `${one.action}: ${whom(one)}`),
    h("td", {}, `${days(one.days)} ${one.at} (${one.time_zone})`),
    h("td", {}, time(one.next_run_at)),
    h("td", {}, one.last_run_at ? `${time(one.last_run_at)}: ${one.last_sentence}` : "–"),
    h("td", {}, h("span", { class: `badge ${one.state === "active" ? "running" : "idle"}` }, one.state)),
    h("td", {}, mayAct() ? h("div", { class: "row" },
      h("button", { type: "button", onclick: () => attempt(post(`/api/schedules/${one.schedule_id}/${one.state === "active" ? "pause" : "resume"}`)) },
        one.state === "active" ? "Pause" : "Resume"),
      h("button", { type: "button", onclick: () => ask({ title: `Delete ${one.name}?`, confirm: "Delete", danger: true,
        act: () => remove(`/api/schedules/${one.schedule_id}`) }) }, "Delete …")) : null))))
    : [h("tr", {}, h("td", { class: "quiet", colspan: "7" }, "Nothing is scheduled."))]))));
}
