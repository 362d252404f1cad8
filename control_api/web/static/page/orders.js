// Orders: who, when, why, and what the machine answered.
import { link, mayAct, post } from "./api.js";
import { ask, reasonField } from "./dialog.js";
import { badge, h, labelled, soon, toast } from "./html.js";
import { live } from "./live.js";
import { time } from "./words.js";

export const COLUMNS = ["When", "Machine", "What", "Status", "Who", "Why", "Answer", ""];
const OF_ONE = COLUMNS.filter((name) => name !== "Machine");

function askUndo(order) {
  const id = order.batch_id ?? order.command_id;
  ask({ title: "Restart what this order stopped?", confirm: "Restart", fields: [reasonField()],
    note: order.batch_id ? "It was one of several given together; all that were stopped are restarted." : null,
    act: async ({ reason }) => toast((await post(`/api/commands/${id}/undo`, { reason })).sentence, "good") });
}

export function orderRows(orders, { device = true } = {}) {
  if (!orders.length) return [h("tr", {}, h("td", { class: "quiet", colspan: "8" }, "No order."))];
  return orders.map((order) => labelled(device ? COLUMNS : OF_ONE, h("tr", { "data-order": order.command_id },
    h("td", {}, time(order.requested_at)),
    device ? h("td", {}, h("a", { href: link(`/devices/${order.device_id}`) }, order.device_id)) : null,
    h("td", {}, order.action + (order.override ? " (override)" : "")),
    h("td", {}, badge(order.status)),
    h("td", {}, order.requested_by),
    h("td", {}, order.reason),
    h("td", {}, [order.device_state, order.detail].filter(Boolean).join(": ")),
    h("td", {}, mayAct() && order.action === "shutdown" && order.status === "done"
      ? h("button", { type: "button", onclick: () => askUndo(order) }, "Undo …") : null))));
}

export async function show(place) {
  const body = h("tbody");
  place.replaceChildren(
    h("div", { class: "row tools" }, h("a", { class: "button", href: link("/api/commands.csv") }, "All orders as CSV"),
      h("a", { class: "button", href: link("/api/locks.csv") }, "Locks as CSV")),
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "stack" }, h("thead", {}, h("tr", {},
      COLUMNS.map((name) => h("th", { scope: "col" }, name)))), body)));
  live.on("orders", soon(() => body.replaceChildren(...orderRows(live.orders))));
}
