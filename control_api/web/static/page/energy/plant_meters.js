// Meters that are no machines: what each counted, and what nothing below it meters.
import { t } from "../kit/language.js";
import { get, link } from "../service/api.js";
import { attempt, h, headRow, labelled, loadingRow } from "../kit/html.js";
import { translated } from "../kit/translated.js";
import { newestOnly } from "../kit/newest.js";
import { percent } from "../kit/words.js";
import { amount, MEDIA, perHour } from "./plant_meters_words.js";

/** @typedef {import("../service/formats.js").PlantMeterRow} PlantMeterRow */

const COLUMNS = ["", t("Medium"), t("Counted"), t("Below it"), t("Unmetered rest"), t("Compared"), t("Base load at night"), t("of the rest"), t("Emissions")];

/** @param {PlantMeterRow} row */
function meterRows(row) {
  const line = labelled(COLUMNS, h("tr", {}, h("td", {}, row.parent ? t("{meter}, under {parent}", { meter: row.meter, parent: row.parent }) : row.meter),
    h("td", {}, MEDIA[row.medium] ?? row.medium), h("td", { class: "number" }, amount(row.used, row.unit)),
    h("td", { class: "number" }, amount(row.below, row.unit)), h("td", { class: "number" }, amount(row.rest, row.unit)),
    h("td", { class: "number" }, percent(row.compared_ratio)), h("td", { class: "number" }, perHour(row.base_load, row.unit)),
    h("td", { class: "number" }, perHour(row.rest_base_load, row.unit)), h("td", { class: "number" }, amount(row.emissions_kg, "kg"))));
  if (row.complaint === null) return [line];
  return [line, h("tr", {}, h("td", { colspan: String(COLUMNS.length) }, h("strong", {}, translated(row.complaint))))];
}

/** The section, and what fills it; it is there only where the plant has such meters that are known. */
export function plantMetersSection() {
  const rows = h("tbody", {}, loadingRow());
  const download = h("a", { class: "button" }, "CSV");
  const element = h("section", { class: "panel", tabindex: "0", "aria-label": t("Meters"), id: "meters", hidden: true }, h("h2", {}, t("Meters")),
    h("div", { class: "row tools" }, download), h("table", { class: "stack" }, headRow(COLUMNS), rows));
  const newest = newestOnly();

  /** @param {{first: string, last: string} | null} days null where they are too many: a year */
  async function show(days) {
    if (days !== null) download.href = link(`/api/energy/meters.csv?from=${days.first}&to=${days.last}&resolution=day`);
    else element.hidden = true;
    const answer = await newest(days === null ? Promise.resolve(null) : get(`/api/energy/meters?from=${days.first}&to=${days.last}`));
    if (answer === null) return;
    element.hidden = answer.rows.length === 0;
    rows.replaceChildren(...answer.rows.flatMap(meterRows));
  }
  return { element, show: (/** @type {{first: string, last: string} | null} */ days) => attempt(show(days)) };
}
