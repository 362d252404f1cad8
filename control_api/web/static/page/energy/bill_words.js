// The figures and sentences of a bill as people read them. Pure.
import { decimal, locale, t } from "../kit/language.js";
import { energy, money } from "./words.js";

/** @typedef {import("../service/formats.js").BillLine} BillLine */
/** @typedef {import("../service/formats.js").Bill} Bill */

/** @param {number} value @param {number} digits */
const figure = (value, digits) => decimal(value, digits, true);

/** Quantity, price and amount of a line. @param {BillLine} line @param {string} currency @returns {[string, string, string]} */
export function lineFigures(line, currency) {
  const amount = line.amount === null ? t("not known") : money(line.amount, currency);
  if (line.unit === "%") return [`${line.quantity === null ? "" : line.quantity.toLocaleString(locale(), { useGrouping: false, maximumFractionDigits: 20 })} %`, line.price === null ? "" : t("of {amount}", { amount: money(line.price, currency) }), amount];
  const quantity = line.quantity === null ? "" : `${figure(line.quantity, line.unit === "months" ? 2 : 1)} ${line.unit === "months" ? t("months") : line.unit}`;
  return [quantity, line.price === null ? "" : `${figure(line.price, 4)} ${currency}`, amount];
}

/** What the energy on the bill rests on, and what is not on it. @param {Bill} bill */
export function restsOn(bill) {
  if (bill.kwh === null) return t("No energy data for this month.");
  const said = [];
  if (bill.known_ratio !== null) said.push(t("Energy is known for {share} % of the time.", { share: figure(100 * bill.known_ratio, 1) }));
  if (bill.estimated_kwh > 0.05) said.push(t("{energy} of it are estimated from current.", { energy: energy(bill.estimated_kwh) }));
  if (bill.corrected_kwh > 0.05) said.push(t("{energy} of it were decided by people.", { energy: energy(bill.corrected_kwh) }));
  if (bill.suspect_kwh > 0.05) said.push(t("{energy} are suspect and not on this bill until somebody decides.", { energy: energy(bill.suspect_kwh) }));
  if (!bill.invoice.is_complete) said.push(t("The total is without the energy whose price is not known."));
  return said.join(" ");
}
