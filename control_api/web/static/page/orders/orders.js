// The list of orders: who, when, why, and the machine's answer.
import { link, mayAct, post } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask, reasonField } from "../kit/dialog.js";
import { badge, button, h, headRow, labelled, loadingRow, soon, toast } from "../kit/html.js";
import { live } from "../service/live.js";
import { canUndo } from "./undo.js";
import { ACTIONS } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Order} Order */

const COLUMNS = ["When", "Machine", "What", "Status", "Who", "Why", "Answer", ""];
export const COLUMNS_OF_ONE = COLUMNS.filter((name) => name !== "Machine");

/** @param {Order} order */
function askUndo(order) {
  const id = order.batch_id ?? order.command_id;
  ask({ title: "Undo this shutdown?", confirm: "Restart", fields: [reasonField()],
    note: order.batch_id ? "It was part of a bulk order: all machines that it stopped are restarted." : null,
    act: async ({ reason }) => toast((await post(`/api/commands/${id}/undo`, { reason })).sentence, "good") });
}

/** @param {Order[]} orders @param {{device?: boolean}} [options] */
export function orderRows(orders, { device = true } = {}) {
  if (!orders.length) {
    return [h("tr", {}, h("td", { class: "quiet", colspan: "8" },
      "No orders yet. Each shutdown and restart is listed here: who ordered it, when and why, and the machine's answer."))];
  }
  return orders.map((order) => labelled(device ? COLUMNS : COLUMNS_OF_ONE, h("tr", { "data-order": order.command_id },
    h("td", {}, time(order.requested_at)),
    device ? h("td", {}, h("a", { href: link(`/devices/${order.device_id}`) }, order.device_id)) : null,
    h("td", {}, ACTIONS[order.action] + (order.override ? " (override)" : "")),
    h("td", {}, badge(order.status)),
    h("td", {}, order.requested_by),
    h("td", {}, order.reason),
    h("td", {}, [order.device_state, order.detail].filter(Boolean).join(": ")),
    h("td", {}, mayAct() && canUndo(order, live.orders) ? button("Undo …", () => askUndo(order)) : null))));
}

/** @param {HTMLElement} place */
export async function show(place) {
  const body = h("tbody", {}, loadingRow());
  place.replaceChildren(
    h("div", { class: "row tools" }, h("a", { class: "button", href: link("/api/commands.csv") }, "All orders as CSV"),
      h("a", { class: "button", href: link("/api/locks.csv") }, "Locks as CSV")),
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": "Orders" },
      h("table", { class: "stack" }, headRow(COLUMNS), body)));
  live.on("orders", soon(() => body.replaceChildren(...orderRows(live.orders))));
}
