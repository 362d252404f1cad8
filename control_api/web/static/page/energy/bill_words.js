// The figures and sentences of a bill as people read them. Pure.
import { energy, money } from "./words.js";

/** @typedef {import("../service/formats.js").BillLine} BillLine */
/** @typedef {import("../service/formats.js").Bill} Bill */

/** @param {number} value @param {number} digits */
const figure = (value, digits) => value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Quantity, price and amount of a line. @param {BillLine} line @param {string} currency @returns {[string, string, string]} */
export function lineFigures(line, currency) {
  const amount = line.amount === null ? "not known" : money(line.amount, currency);
  if (line.unit === "%") return [`${line.quantity} %`, line.price === null ? "" : `of ${money(line.price, currency)}`, amount];
  const quantity = line.quantity === null ? "" : `${figure(line.quantity, line.unit === "months" ? 2 : 1)} ${line.unit}`;
  return [quantity, line.price === null ? "" : `${figure(line.price, 4)} ${currency}`, amount];
}

/** What the energy on the bill rests on, and what is not on it. @param {Bill} bill */
export function restsOn(bill) {
  if (bill.kwh === null) return "Nothing is known of the energy of this month.";
  const said = [];
  if (bill.known_ratio !== null) said.push(`Energy is known of ${figure(100 * bill.known_ratio, 1)} % of the time.`);
  if (bill.estimated_kwh > 0.05) said.push(`${energy(bill.estimated_kwh)} of it are estimated from current.`);
  if (bill.corrected_kwh > 0.05) said.push(`${energy(bill.corrected_kwh)} of it were decided by people.`);
  if (bill.suspect_kwh > 0.05) said.push(`${energy(bill.suspect_kwh)} are suspect and not on this bill until somebody decides.`);
  if (!bill.invoice.is_complete) said.push("The total is without the energy whose price is not known.");
  return said.join(" ");
}
