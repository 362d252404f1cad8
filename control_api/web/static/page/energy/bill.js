// A month's bill, line by line, beside what other contracts would have cost.
import { t } from "../kit/language.js";
import { get, link } from "../service/api.js";
import { lineFigures, restsOn } from "./bill_words.js";
import { money } from "./words.js";
import { h, headRow, labelled, loadingRow, setText } from "../kit/html.js";
import { newestOnly } from "../kit/newest.js";

/** @typedef {import("../service/formats.js").Bill} Bill */

const LINES = ["", t("Quantity"), t("Price"), t("Amount"), ""];
const OTHERS = [t("What other contracts would have cost"), t("Total"), t("Difference")];

/** @param {import("../service/formats.js").BillLine} line @param {string} currency */
function lineRow(line, currency) {
  const [quantity, price, amount] = lineFigures(line, currency);
  return labelled(LINES, h("tr", {}, h("td", {}, line.name), h("td", { class: "number" }, quantity),
    h("td", { class: "number" }, price), h("td", { class: "number" }, amount), h("td", { class: "quiet" }, line.note)));
}

/** @param {Bill} bill */
const otherRows = (bill) => bill.others.map((other) => labelled(OTHERS, h("tr", {}, h("td", {}, other.contract),
  h("td", { class: "number" }, other.is_complete ? money(other.total, bill.currency) : t("not known")),
  h("td", { class: "number" }, other.is_complete ? money(other.total - bill.invoice.total, bill.currency) : ""))));

/** The section, and what fills it; it is there only while a month is shown. */
export function billSection() {
  const lines = h("tbody");
  const others = h("tbody");
  const compared = h("table", { class: "stack" }, headRow(OTHERS), others);
  const rests = h("p", { class: "quiet" });
  const download = h("a", { class: "button" }, "CSV");
  const element = h("section", { class: "panel", tabindex: "0", "aria-label": t("Bill"), hidden: true }, h("h2", {}, t("Bill")),
    h("div", { class: "row tools" }, download), h("table", { class: "stack" }, headRow(LINES), lines), rests, compared);
  const newest = newestOnly();

  /** @param {string | null} month `2026-10`; null where no month is chosen */
  async function show(month) {
    element.hidden = month === null;
    if (month === null) return;
    lines.replaceChildren(loadingRow());
    compared.hidden = true;
    setText(rests, "");
    download.href = link(`/api/bill.csv?month=${month}`);
    const bill = /** @type {Bill | null} */ (await newest(get(`/api/bill?month=${month}`)));
    if (bill === null) return;
    lines.replaceChildren(...bill.invoice.lines.map((line) => lineRow(line, bill.currency)),
      h("tr", {}, h("td", {}, h("strong", {}, t("Total"))), h("td"), h("td"),
        h("td", { class: "number" }, h("strong", {}, money(bill.invoice.total, bill.currency))), h("td")));
    setText(rests, restsOn(bill));
    others.replaceChildren(...otherRows(bill));
    compared.hidden = bill.others.length === 0;
  }
  return { element, show };
}
