// Which orders can still be undone. Pure.

/** @typedef {Pick<import("../service/formats.js").Order,
 *   "command_id" | "batch_id" | "device_id" | "action" | "status" | "requested_at" | "undoes">} Order */

const HELD = ["requested", "sent", "done"];

/** Whether a shutdown can be undone: it stopped the machine, and there has been no restart since.
 * @param {Order} order @param {Order[]} orders all that are known
 */
export function canUndo(order, orders) {
  if (order.action !== "shutdown" || order.status !== "done") return false;
  return !orders.some((other) => other.action === "restart" && other.device_id === order.device_id && HELD.includes(other.status) &&
    Date.parse(other.requested_at) >= Date.parse(order.requested_at));
}
