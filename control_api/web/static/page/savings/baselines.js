// Baselines: made, looked at before they are made, and energy against them.
import { get, link, mayAct, post } from "../service/api.js";
import { ask, reasonField } from "../kit/dialog.js";
import { energy } from "../energy/words.js";
import { attempt, button, h, headRow, labelled, loadingRow, toast } from "../kit/html.js";
import { newestOnly } from "../kit/newest.js";
import { amount, dayName, formula, names, probability, rejected } from "./words.js";
import { number, percent } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Baseline} Baseline */
/** @typedef {import("../service/formats.js").BaselineCourse} Course */

const COLUMNS = ["Baseline", "Period", "Model", "R²", "CV(RMSE)", "Judged", ""];
const DAYS = ["Day", "Used", "Expected", "Difference", "CUSUM"];
const SHOWN_DAYS = 60;
const GRADES = { good: "running", weak: "idle", "not valid": "failed" };

/** Every check and what was rejected. @param {Baseline} one */
const checks = (one) => h("ul", {},
  one.checks.map((check) => h("li", {}, `${check.passed ? "✓" : check.must ? "✗" : "!"} ${check.text}`)),
  one.terms.map((term) => h("li", {}, `${term.variable}: p = ${probability(term.p_value)}, from ${number(term.lowest)} to ${number(term.highest)}`)),
  rejected(one).map((text) => h("li", {}, `rejected: ${text}`)),
  one.adjustments.map((each) => h("li", {}, `adjusted by ${energy(each.kwh_per_day)} a day since ${dayName(each.first)}: ${each.note}`)),
  one.exclusions.map((each) => h("li", {}, `left out ${dayName(each.first)} to ${dayName(each.last)}: ${each.note}`)));

/** @param {Course} course */
function courseBody(course) {
  const last = course.points.slice(-SHOWN_DAYS).reverse();
  const skipped = Object.entries(course.skipped).map(([why, count]) => `${count} days: ${why}`).join(", ");
  const { ratio, kwh_per_part, kwh_per_hour } = course.performance;
  const enpi = [`Used over expected: ${ratio === null ? "–" : percent(ratio)}`, `kWh per part: ${number(kwh_per_part, 3)}`,
    `kWh per hour of operation: ${number(kwh_per_hour, 2)}`].join("; ");
  return [h("p", {}, `${course.points.length} days, saved ${amount(course.saving)}. ${enpi}.`),
    skipped ? h("p", { class: "quiet" }, `Not counted: ${skipped}.`) : null,
    h("table", {}, headRow(DAYS), h("tbody", {}, last.map((point) => h("tr", {}, h("td", {}, dayName(point.day)),
      h("td", { class: "number" }, energy(point.actual_kwh)), h("td", { class: "number" }, energy(point.expected_kwh)),
      h("td", { class: "number" }, energy(point.actual_kwh - point.expected_kwh)), h("td", { class: "number" }, energy(point.cusum_kwh))))))];
}

/** @param {Baseline} one */
async function showCourse(one) {
  const course = /** @type {Course} */ (await get(`/api/baselines/${one.baseline_id}/course`));
  const csv = h("a", { class: "button", href: link(`/api/baselines/${one.baseline_id}/course.csv`) }, "CSV");
  ask({ title: `${one.name} since ${dayName(one.last)}`, body: [...courseBody(course).filter((each) => each !== null), csv] });
}

function newFields() {
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {object} */ properties) =>
    ({ name, label, input: h("input", { id: name, ...properties }) });
  const scope = h("select", { id: "scope" }, [["device_id", "Machine"], ["line", "Line"], ["device_type", "Type"], ["plant", "Whole plant"]]
    .map(([value, name]) => h("option", { value }, name)));
  const hours = h("select", { id: "hours" }, h("option", { value: "all" }, "All hours"), h("option", { value: "off_shift" }, "Out of shift only"));
  return [{ name: "scope", label: "Of", input: scope }, field("about", "Its name (of the whole plant, none)", { maxlength: "64" }),
    { name: "hours", label: "Hours", input: hours },
    field("first", "From", { type: "date", required: true }), field("last", "To", { type: "date", required: true }),
    field("variables", "Variables that it may depend on (parts, shift_hours, weather-0001/outside_temperature …)", { maxlength: "500" }),
    reasonField("Note")];
}

/** @param {Record<string, any>} values @param {boolean} dry_run */
const request = (values, dry_run) => ({
  ...(values.scope === "plant" ? {} : { [values.scope]: values.about }), hours: values.hours, first: values.first, last: values.last,
  variables: names(values.variables), note: values.reason, dry_run,
});

/** Shows what it would be before it is made. @param {() => void} changed */
function askNew(changed) {
  ask({
    title: "New baseline", confirm: "Look at it", fields: newFields(),
    act: async (values) => {
      const seen = /** @type {Baseline} */ (await post("/api/baselines", request(values, true)));
      ask({
        title: `${seen.name}: ${seen.grade}`, confirm: "Make it", body: [h("p", {}, formula(seen)), checks(seen)],
        act: async () => {
          await post("/api/baselines", request(values, false));
          toast("The baseline is made.", "good");
          changed();
        },
      });
    },
  });
}

/** @param {Baseline} one @param {() => void} changed */
function askRetire(one, changed) {
  ask({
    title: `Retire ${one.name}?`, confirm: "Retire it", danger: true, note: "It is watched no longer. All its versions stay.",
    fields: [reasonField("Note")],
    act: async ({ reason }) => {
      await post(`/api/baselines/${one.baseline_id}/retire`, { version: one.version, note: reason });
      changed();
    },
  });
}

/** @param {Baseline} one @param {(one: Baseline) => void} measure @param {() => void} changed */
const baselineRow = (one, measure, changed) => labelled(COLUMNS, h("tr", { "data-baseline": one.baseline_id },
  h("td", {}, `${one.name}, version ${one.version}`),
  h("td", {}, `${dayName(one.first)} to ${dayName(one.last)}, ${one.days} days`),
  h("td", {}, formula(one), h("details", {}, h("summary", {}, "Checks"), checks(one))),
  h("td", { class: "number" }, one.terms.length ? number(one.r_squared, 2) : "–"),
  h("td", { class: "number" }, percent(one.cv_rmse)),
  h("td", {}, h("span", { class: `badge ${GRADES[one.grade]}` }, one.grade)),
  h("td", {}, h("div", { class: "row" }, button("Days …", () => attempt(showCourse(one))),
    mayAct() ? [button("Measure …", () => measure(one)), button("Retire …", () => askRetire(one, changed))] : null))));

/** @param {(one: Baseline) => void} measure opens a measure against a baseline */
export function baselineSection(measure) {
  const body = h("tbody", {}, loadingRow());
  const newest = newestOnly();
  const list = async () => {
    const found = await newest(get("/api/baselines"));
    if (found === null) return;
    const { baselines } = found;
    body.replaceChildren(...(baselines.length ? baselines.map((/** @type {Baseline} */ one) => baselineRow(one, measure, () => attempt(list())))
      : [h("tr", {}, h("td", { class: "quiet", colspan: String(COLUMNS.length) },
        "No baselines yet. A baseline says what a machine, a line or the plant would use, from a time before anything was done."))]));
  };
  const element = h("section", { class: "panel", tabindex: "0", "aria-label": "Baselines" }, h("h2", {}, "Baselines"),
    mayAct() ? h("div", { class: "row tools" }, button("New baseline …", () => askNew(() => attempt(list())))) : null,
    h("table", { class: "stack" }, headRow(COLUMNS), body));
  return { element, list };
}
