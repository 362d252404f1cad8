// What machines make and why they stand: a tap for the reason of each stop.
import { get, link, mayAct, post } from "../service/api.js";
import { now, zoneName } from "../kit/clock.js";
import { ask } from "../kit/dialog.js";
import { dayAt } from "../energy/words.js";
import { attempt, badge, button, h, headRow, labelled, loadingRow, price, toast } from "../kit/html.js";
import { t } from "../kit/language.js";
import { newestOnly } from "../kit/newest.js";
import { stateName, typeName } from "../kit/words.js";
import { asked, duration, fromWhom, made, microStops, missing, ofHowMany, percent, when, why } from "./words.js";
import { translated } from "../kit/translated.js";

/** @typedef {import("../service/formats.js").Stop} Stop */
/** @typedef {import("../service/formats.js").Stops} Stops */
/** @typedef {import("../service/formats.js").StopReason} StopReason */
/** @typedef {import("../service/formats.js").ProductionRow} ProductionRow */

const STOPS = [t("Machine"), t("Line"), t("Stood"), t("State"), t("Reason")];
const LOSSES = [t("Reason"), t("Stops"), t("Time"), t("Share"), t("Cost")];
const KINDS = [t("Type"), t("Line"), t("Machines"), t("OEE"), t("Availability"), t("Performance"), t("Quality"), t("Parts"), t("Micro-stops")];
const REFRESH_PAUSE = 60_000;

/** @param {Stop} stop @param {string} reason @param {string} note @param {() => void} changed */
async function give(stop, reason, note, changed) {
  await post("/api/stops/reason", { device_id: stop.device_id, start: stop.start, reason, note });
  toast(t("Written down."), "good");
  changed();
}

/** @param {Stop} stop @param {readonly StopReason[]} reasons @param {() => void} changed */
function askOther(stop, reasons, changed) {
  const choice = h("select", { id: "reason" }, reasons.map((one) => h("option", { value: one.code }, translated(one.text))));
  ask({
    title: t("Why did {machine} stop?", { machine: stop.device_id }), confirm: t("Write it down"),
    fields: [{ name: "reason", label: t("Reason"), input: choice },
      { name: "note", label: t("Note (may stay empty)"), input: h("input", { id: "note", maxlength: "500" }) }],
    act: async (values) => give(stop, String(values.reason), String(values.note), changed),
  });
}

/** @param {Stop} stop @param {readonly StopReason[]} reasons @param {() => void} changed */
function stopRow(stop, reasons, changed) {
  const taps = stop.reason === null ? reasons.map((one) => button(translated(one.text), () => attempt(give(stop, one.code, "", changed)))) : [];
  const other = button(stop.reason === null ? t("With a note …") : t("Change …"), () => askOther(stop, reasons, changed));
  return labelled(STOPS, h("tr", { "data-stop": `${stop.device_id} ${stop.start}` },
    h("td", {}, h("a", { href: link(`/devices/${encodeURIComponent(stop.device_id)}`) }, stop.device_id)),
    h("td", {}, stop.line ?? "–"),
    h("td", {}, when(stop)),
    h("td", {}, badge(stop.state, stateName(stop.state))),
    h("td", {}, stop.reason === null ? null : h("p", {}, why(stop)), mayAct() ? h("div", { class: "row" }, taps, other) : null)));
}

/** @param {Stops["pareto"][number]} loss */
const lossRow = (loss) => labelled(LOSSES, h("tr", {},
  h("td", {}, loss.planned ? t("{reason} (planned)", { reason: translated(loss.text) }) : translated(loss.text)),
  h("td", { class: "number" }, String(loss.stops)),
  h("td", { class: "number" }, duration(loss.seconds)),
  h("td", { class: "number" }, t("{share}, up to here {sum}", { share: percent(loss.share), sum: percent(loss.cumulative) })),
  h("td", { class: "number" }, price(loss.cost))));

/** @param {ProductionRow} row */
const kindRow = (row) => labelled(KINDS, h("tr", {},
  h("td", {}, row.device_type ? typeName(row.device_type) : "–"),
  h("td", {}, row.line ?? "–"),
  h("td", { class: "number" }, ofHowMany(row)),
  h("td", { class: "number" }, row.oee === null ? `– (${missing(row)})` : percent(row.oee)),
  h("td", { class: "number" }, percent(row.availability)),
  h("td", { class: "number" }, percent(row.performance)),
  h("td", { class: "number" }, percent(row.quality)),
  h("td", { class: "number" }, made(row), h("p", { class: "quiet" }, fromWhom(row, false))),
  h("td", { class: "number" }, `${row.micro_stops}, ${duration(row.micro_stop_seconds)}`)));

/** @param {readonly string[]} columns @param {string} text */
const emptyRow = (columns, text) => h("tr", {}, h("td", { class: "quiet", colspan: String(columns.length) }, text));

/** @param {string} title @param {readonly string[]} columns @param {HTMLElement} body */
const panel = (title, columns, body) => h("section", { class: "panel", tabindex: "0", "aria-label": title },
  h("h2", {}, title), h("table", { class: "stack" }, headRow(columns), body));

/** @param {HTMLElement} place */
export async function show(place) {
  const bodies = { open: h("tbody", {}, loadingRow()), explained: h("tbody", {}, loadingRow()), losses: h("tbody"), kinds: h("tbody") };
  const note = h("p", { class: "quiet" });
  const line = h("select", { id: "line" }, h("option", { value: "" }, t("All lines")));
  const day = h("input", { id: "day", type: "date", value: dayAt(now(), zoneName) });
  const download = h("a", { class: "button" }, t("Stops as CSV"));

  const newest = newestOnly();

  const fill = async () => {
    const found = /** @type {[Stops, {rows: ProductionRow[]}] | null} */ (await newest(Promise.all([
      get(asked("/api/stops", line.value, day.value)), get(asked("/api/production", line.value, day.value))])));
    if (found === null) return;
    const [stops, production] = found;
    const again = () => { attempt(fill()); };
    const [open, explained] = [stops.stops.filter((one) => one.reason === null), stops.stops.filter((one) => one.reason !== null)];
    const rows = (/** @type {Stop[]} */ some) => some.map((one) => stopRow(one, stops.reasons, again));
    bodies.open.replaceChildren(...(open.length ? rows(open) : [emptyRow(STOPS, t("Every stop has its reason."))]));
    bodies.explained.replaceChildren(...(explained.length ? rows(explained) : [emptyRow(STOPS, t("None yet."))]));
    bodies.losses.replaceChildren(...(stops.pareto.length ? stops.pareto.map(lossRow) : [emptyRow(LOSSES, t("No machine stood."))]));
    bodies.kinds.replaceChildren(...(production.rows.length ? production.rows.map(kindRow)
      : [emptyRow(KINDS, t("No machine had planned time."))]));
    note.textContent = `${microStops(stops.micro_stops, stops.micro_stop_seconds)} `
      + (stops.found > stops.stops.length ? t("The longest {listed} of {found} stops are listed.", { listed: stops.stops.length, found: stops.found }) : "");
    download.href = link(asked("/api/stops.csv", line.value, day.value));
    const known = new Set([...line.options].map((one) => one.value));
    const lines = [...new Set(production.rows.map((row) => row.line ?? ""))].filter((name) => !known.has(name)).sort();
    line.append(...lines.map((name) => h("option", { value: name }, name)));
  };
  line.addEventListener("change", () => attempt(fill()));
  day.addEventListener("change", () => attempt(fill()));
  place.replaceChildren(
    h("div", { class: "row tools" }, h("label", { for: "line" }, t("Line")), line, h("label", { for: "day" }, t("Day")), day, download), note,
    panel(t("Stops without a reason"), STOPS, bodies.open),
    panel(t("OEE by type and line"), KINDS, bodies.kinds),
    panel(t("Time lost by reason"), LOSSES, bodies.losses),
    panel(t("Stops with a reason"), STOPS, bodies.explained));
  await fill();
  setInterval(() => attempt(fill()), REFRESH_PAUSE);
}
