// Which orders can still be undone. Pure.

/** @typedef {Pick<import("../service/formats.js").Order,
 *   "command_id" | "batch_id" | "device_id" | "action" | "status" | "requested_at" | "undoes">} Order */

/** @typedef {Pick<import("../service/formats.js").Lock, "device_id">} Lock */

const HELD = ["requested", "sent", "done"];

/** Whether a shutdown can be undone: it stopped the machine, and there has been no restart since.
 * @param {Order} order @param {Order[]} orders all that are known
 */
export function canUndo(order, orders) {
  if (order.action !== "shutdown" || order.status !== "done") return false;
  return !orders.some((other) => other.action === "restart" && other.device_id === order.device_id && HELD.includes(other.status) &&
    Date.parse(other.requested_at) >= Date.parse(order.requested_at));
}

/** Whether nothing would be restarted, because each machine that the shutdown stopped, and that has not been restarted since, is locked out.
 * @param {Order} order one that can be undone @param {Order[]} orders all that are known @param {Lock[]} locks
 */
export function undoIsLocked(order, orders, locks) {
  const stopped = order.batch_id ? orders.filter((other) => other.batch_id === order.batch_id && canUndo(other, orders)) : [order];
  return stopped.every((one) => locks.some((lock) => lock.device_id === one.device_id));
}
