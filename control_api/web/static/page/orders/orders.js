// The list of orders: who, when, why, and the machine's answer.
import { t } from "../kit/language.js";
import { link, mayAct, post } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask, reasonField } from "../kit/dialog.js";
import { badge, button, h, headRow, labelled, loadingRow, soon, toast } from "../kit/html.js";
import { live } from "../service/live.js";
import { canUndo, undoIsLocked } from "./undo.js";
import { ACTIONS, nameOf, stateName, statusName } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Order} Order */

const COLUMNS = [t("When"), t("Machine"), t("What"), t("Status"), t("Who"), t("Why"), t("Answer"), ""];
export const COLUMNS_OF_ONE = COLUMNS.filter((_, index) => index !== 1);

/** @param {Order} order */
function askUndo(order) {
  const id = order.batch_id ?? order.command_id;
  ask({ title: t("Undo this shutdown?"), confirm: t("Restart"), fields: [reasonField()],
    note: order.batch_id ? t("It was part of a bulk order: all machines that it stopped are restarted.") : null,
    act: async ({ reason }) => toast((await post(`/api/commands/${id}/undo`, { reason })).sentence, "good") });
}

/** Undoing restarts, and nobody restarts what is locked out. @param {Order} order */
function undoButton(order) {
  const undo = button(t("Undo …"), () => askUndo(order));
  undo.disabled = undoIsLocked(order, live.orders, live.locks);
  if (undo.disabled) undo.title = t("{machine} is locked out.", { machine: order.device_id });
  return undo;
}

/** @param {Order[]} orders @param {{device?: boolean}} [options] */
export function orderRows(orders, { device = true } = {}) {
  if (!orders.length) {
    return [h("tr", {}, h("td", { class: "quiet", colspan: "8" },
      t("No orders yet. Each shutdown and restart is listed here: who ordered it, when and why, and the machine's answer.")))];
  }
  return orders.map((order) => labelled(device ? COLUMNS : COLUMNS_OF_ONE, h("tr", { "data-order": order.command_id },
    h("td", {}, time(order.requested_at)),
    device ? h("td", {}, h("a", { href: link(`/devices/${order.device_id}`) }, order.device_id)) : null,
    h("td", {}, ACTIONS[order.action] + (order.override ? ` (${t("override")})` : "")),
    h("td", {}, badge(order.status, statusName(order.status))),
    h("td", {}, nameOf(order.requested_by)),
    h("td", {}, order.reason),
    h("td", {}, [stateName(order.device_state ?? ""), order.detail].filter(Boolean).join(": ")),
    h("td", {}, mayAct() && canUndo(order, live.orders) ? undoButton(order) : null))));
}

/** @param {HTMLElement} place */
export async function show(place) {
  const body = h("tbody", {}, loadingRow());
  place.replaceChildren(
    h("div", { class: "row tools" }, h("a", { class: "button", href: link("/api/commands.csv") }, t("All orders as CSV")),
      h("a", { class: "button", href: link("/api/locks.csv") }, t("Locks as CSV"))),
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": t("Orders") },
      h("table", { class: "stack" }, headRow(COLUMNS), body)));
  const draw = soon(() => body.replaceChildren(...orderRows(live.orders)));
  live.on("orders", draw);
  live.on("locks", draw);
}
