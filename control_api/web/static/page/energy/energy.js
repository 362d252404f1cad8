// What the plant used: by line and machine, of a day, week, month or year; and what waits for a decision.
import { t } from "../kit/language.js";
import { get, link, mayAct } from "../service/api.js";
import { billSection } from "./bill.js";
import { now, time, zoneName } from "../kit/clock.js";
import { askCorrection, correctionRows, DECIDED } from "./corrections.js";
import { askDecision } from "./decisions.js";
import { cost, coverage, dayAt, energy, inUnit, money, partsOf, period, shifted, totals } from "./words.js";
import { peakSection } from "./peak.js";
import { plantMetersSection } from "./plant_meters.js";
import { attempt, button, h, headRow, labelled, loadingRow, setText } from "../kit/html.js";
import { translated } from "../kit/translated.js";
import { machineOrMeter } from "./names.js";
import { newestOnly } from "../kit/newest.js";

/** @typedef {import("../service/formats.js").EnergyRow} EnergyRow */
/** @typedef {import("../service/formats.js").Suspect} Suspect */
/** @typedef {import("./words.js").Kind} Kind */

const KINDS = { day: t("Day"), week: t("Week"), month: t("Month"), year: t("Year") };
const GROUPS = { line: t("Line"), machine: t("Machine"), type: t("Type"), plant: t("Plant") };
const COLUMNS = ["", t("Energy"), t("Cost"), t("Idle"), t("Idle cost"), t("How it is known"), t("Waits for a decision"), ""];
const WAITING = [t("When"), t("Machine"), t("Suspect"), t("Counts now"), t("What it looks like"), ""];
/** @param {string} moment @param {"hour" | "day" | "month"} part */
function partName(moment, part) {
  if (part === "hour") return `${moment.slice(11, 16)}`;
  return part === "day" ? moment.slice(0, 10) : moment.slice(0, 7);
}

/** @param {import("./words.js").Total} total @param {string} by @param {string} currency @param {string} today
 * @param {() => void} decided */
function totalRow(total, by, currency, today, decided) {
  const name = by === "plant" ? t("Plant") : total.name ?? t("not known");
  const shown = by === "machine" && total.name ? h("a", { href: link(`/devices/${encodeURIComponent(total.name)}`) }, name) : name;
  return labelled(COLUMNS, h("tr", {}, h("td", { class: "name" }, shown), h("td", { class: "number" }, energy(total.kwh)),
    h("td", { class: "number" }, cost(total, currency)), h("td", { class: "number" }, energy(total.idle_kwh)),
    h("td", { class: "number" }, money(total.idle_cost, currency)), h("td", {}, coverage(total, today)),
    h("td", { class: "number" }, total.suspect_kwh > 0 ? energy(total.suspect_kwh) : ""),
    h("td", {}, by === "machine" && total.name && mayAct() ? button(t("Correct …"), () => askCorrection(name, today, decided)) : null)));
}

/** @param {EnergyRow[]} rows @param {"hour" | "day" | "month"} part @param {string} currency */
function partRows(rows, part, currency) {
  const most = Math.max(...rows.map((row) => row.kwh ?? 0), 1e-9);
  return rows.map((row) => h("tr", {}, h("td", {}, partName(row.start, part)),
    h("td", {}, row.kwh === null ? t("not known") : h("meter", { max: String(most), value: String(row.kwh), "aria-label": t("share of the highest") })),
    h("td", { class: "number" }, energy(row.kwh)), h("td", { class: "number" }, money(row.cost, currency))));
}

/** @param {number} columns @param {string} text */
const emptyRow = (columns, text) => h("tr", {}, h("td", { class: "quiet", colspan: String(columns) }, text));

/** @param {Suspect} suspect @param {() => void} decided */
const suspectRow = (suspect, decided) => labelled(WAITING, h("tr", {},
  h("td", {}, t("{begin} to {end}", { begin: time(suspect.start), end: time(suspect.end) })),
  h("td", {}, machineOrMeter(suspect)),
  h("td", { class: "number" }, inUnit(suspect.suspect_kwh, suspect.unit)),
  h("td", { class: "number" }, inUnit(suspect.counted_kwh, suspect.unit)),
  h("td", {}, translated(suspect.text)),
  h("td", {}, mayAct() ? button(t("Decide …"), () => askDecision(suspect, decided)) : null)));

/** @param {string} title @param {readonly string[]} columns @param {HTMLElement} body */
const table = (title, columns, body) => tableOf(title, columns, body, "stack");

/** @param {string} title @param {readonly string[]} columns @param {HTMLElement} body @param {string} kind "stack" puts the cells of a row below each other on a phone */
const tableOf = (title, columns, body, kind) => h("section", { class: "panel", tabindex: "0", "aria-label": title }, h("h2", {}, title),
  h("table", { class: kind }, headRow(columns), body));

/** @param {HTMLElement} place */
export async function show(place) {
  /** @type {{kind: Kind, by: string, day: string}} */
  const chosen = { kind: "day", by: "line", day: dayAt(now(), zoneName) };
  const bodies = { totals: h("tbody"), parts: h("tbody"), waiting: h("tbody", {}, loadingRow()), decided: h("tbody", {}, loadingRow()) };
  const title = h("strong", { "aria-live": "polite" });
  /** @param {string} name @param {string} label @param {Record<string, string>} options @param {(value: any) => void} choose */
  const select = (name, label, options, choose) => [h("label", { for: name }, label),
    h("select", { id: name, onchange: (/** @type {any} */ event) => { choose(event.target.value); attempt(draw()); } },
      Object.entries(options).map(([value, each]) => h("option", { value }, each)))];
  const step = (/** @type {-1 | 1} */ by) => () => { chosen.day = shifted(chosen.kind, chosen.day, by); attempt(draw()); };
  const bill = billSection();
  const peak = peakSection();
  const meters = plantMetersSection();
  const downloads = ["CSV", t("CSV with ;"), "XLSX"].map((name) => h("a", { class: "button" }, name));
  place.replaceChildren(
    h("div", { class: "row tools" },
      select("kind", t("Period"), KINDS, (value) => { chosen.kind = value; }), select("by", t("By"), GROUPS, (value) => { chosen.by = value; }),
      button(t("Earlier"), step(-1)), title, button(t("Later"), step(1)), downloads),
    peak.element,
    table(t("Consumption"), COLUMNS, bodies.totals),
    tableOf(t("Over time"), ["", "", t("Energy"), t("Cost")], bodies.parts, "narrow"),
    meters.element,
    bill.element,
    table(t("Waits for a decision"), WAITING, bodies.waiting),
    table(t("Decisions"), DECIDED, bodies.decided));

  const [newestSums, newestDecisions] = [newestOnly(), newestOnly()];
  async function draw() {
    const { first, last } = period(chosen.kind, chosen.day);
    setText(title, first === last ? first : t("{begin} to {end}", { begin: first, end: last }));
    const query = `from=${first}&to=${last}`;
    meters.show(chosen.kind === "year" ? null : { first, last });
    attempt(bill.show(chosen.kind === "month" ? first.slice(0, 7) : null));
    ["energy.csv?", "energy.csv?separator=semicolon&", "energy.xlsx?"].forEach((path, index) => {
      downloads[index].href = link(`/api/${path}${query}&by=${chosen.by}&resolution=${partsOf(chosen.kind)}`);
    });
    const answers = await newestSums(Promise.all([
      get(`/api/energy?${query}&by=${chosen.by}&resolution=year`),
      get(`/api/energy?${query}&by=plant&resolution=${partsOf(chosen.kind)}`),
    ]));
    if (answers === null) return;
    const [whole, parts] = answers;
    const found = totals(whole.rows);
    bodies.totals.replaceChildren(...(found.length ? found.map((total) => totalRow(total, chosen.by, whole.currency, chosen.kind === "day" ? chosen.day : dayAt(now(), zoneName), again))
      : [emptyRow(COLUMNS.length, t("No data for this time. Energy is listed here from the day on which the historian first counted it."))]));
    bodies.parts.replaceChildren(...partRows(parts.rows, partsOf(chosen.kind), parts.currency));
  }

  const again = () => { attempt(drawDecisions()); attempt(draw()); };

  async function drawDecisions() {
    const answers = await newestDecisions(Promise.all([get("/api/energy/suspects"), get("/api/energy/corrections?limit=20")]));
    if (answers === null) return;
    const [{ suspects }, { corrections }] = answers;
    bodies.waiting.replaceChildren(...(suspects.length ? suspects.map((/** @type {Suspect} */ one) => suspectRow(one, again))
      : [emptyRow(WAITING.length, t("Nothing waits for a decision in the last 30 days. Energy that a meter shows but no machine can have used is listed here, and counts nowhere until somebody decides."))]));
    bodies.decided.replaceChildren(...(corrections.length ? correctionRows(corrections, again)
      : [emptyRow(DECIDED.length, t("No decisions yet."))]));
  }
  await Promise.all([draw(), drawDecisions(), peak.follow()]);
}
