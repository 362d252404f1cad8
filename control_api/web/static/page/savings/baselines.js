// Baselines: made, looked at before they are made, and energy against them.
import { t } from "../kit/language.js";
import { get, link, mayAct, post } from "../service/api.js";
import { ask, reasonField } from "../kit/dialog.js";
import { energy } from "../energy/words.js";
import { attempt, button, h, headRow, labelled, loadingRow, toast } from "../kit/html.js";
import { translated } from "../kit/translated.js";
import { newestOnly } from "../kit/newest.js";
import { coursePlots } from "./plots.js";
import { askAdjustment, askApproval, askChange, askExclusion, askWithout, showVersions } from "./versions.js";
import { amount, dayName, formula, gradeName, names, probability, rejected } from "./words.js";
import { nameOf, number, percent } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Baseline} Baseline */
/** @typedef {import("../service/formats.js").BaselineCourse} Course */

const COLUMNS = [t("Baseline"), t("Period"), t("Model"), "R²", "CV(RMSE)", t("Judged"), ""];
const DAYS = [t("Day"), t("Used"), t("Expected"), t("Difference"), "CUSUM"];
const SHOWN_DAYS = 60;
const GRADES = { good: "running", weak: "idle", "not valid": "failed" };

/** Every check and what was rejected. @param {Baseline} one @param {((kind: "exclusions" | "adjustments", index: number) => void) | null} [without] */
const checks = (one, without = null) => h("ul", {},
  one.checks.map((check) => h("li", {}, `${check.passed ? "✓" : check.must ? "✗" : "!"} ${translated(check.text)}`)),
  one.terms.map((term) => h("li", {}, `${term.variable}: p = ${probability(term.p_value)}, ${t("from {begin} to {end}", { begin: number(term.lowest), end: number(term.highest) })}`)),
  rejected(one).map((text) => h("li", {}, t("rejected: {variable}", { variable: text }))),
  one.adjustments.map((each, index) => h("li", {}, t("adjusted by {energy} a day since {day}: {note}", { energy: energy(each.kwh_per_day), day: dayName(each.first), note: each.note }),
    without === null ? null : button(t("Take out …"), () => without("adjustments", index)))),
  one.exclusions.map((each, index) => h("li", {}, t("left out {begin} to {end}: {note}", { begin: dayName(each.first), end: dayName(each.last), note: each.note }),
    without === null ? null : button(t("Take out …"), () => without("exclusions", index)))));

/** @param {Course} course */
function courseBody(course) {
  const last = course.points.slice(-SHOWN_DAYS).reverse();
  const skipped = Object.entries(course.skipped).map(([why, count]) => `${t("{number} days", { number: count })}: ${translated(why)}`).join(", ");
  const { ratio, kwh_per_part, kwh_per_hour } = course.performance;
  const enpi = [t("Used over expected: {share}", { share: ratio === null ? "–" : percent(ratio) }), t("kWh per part: {value}", { value: number(kwh_per_part, 3) }),
    t("kWh per hour of operation: {value}", { value: number(kwh_per_hour, 2) })].join("; ");
  return [h("p", {}, t("{number} days, saved {amount}. {performance}.", { number: course.points.length, amount: amount(course.saving), performance: enpi })),
    skipped ? h("p", { class: "quiet" }, t("Not counted: {days}.", { days: skipped })) : null,
    ...coursePlots(course),
    h("table", {}, headRow(DAYS), h("tbody", {}, last.map((point) => h("tr", {}, h("td", {}, dayName(point.day)),
      h("td", { class: "number" }, energy(point.actual_kwh)), h("td", { class: "number" }, energy(point.expected_kwh)),
      h("td", { class: "number" }, energy(point.actual_kwh - point.expected_kwh)), h("td", { class: "number" }, energy(point.cusum_kwh))))))];
}

/** @param {Baseline} one */
async function showCourse(one) {
  const course = /** @type {Course} */ (await get(`/api/baselines/${one.baseline_id}/course`));
  const csv = h("a", { class: "button", href: link(`/api/baselines/${one.baseline_id}/course.csv`) }, "CSV");
  ask({ title: t("{name} since {day}", { name: one.name, day: dayName(one.last) }), body: [...courseBody(course).filter((each) => each !== null), csv] });
}

function newFields() {
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {object} */ properties) =>
    ({ name, label, input: h("input", { id: name, ...properties }) });
  const scope = h("select", { id: "scope" }, [["device_id", t("Machine")], ["line", t("Line")], ["device_type", t("Type")], ["plant", t("Whole plant")]]
    .map(([value, name]) => h("option", { value }, name)));
  const hours = h("select", { id: "hours" }, h("option", { value: "all" }, t("All hours")), h("option", { value: "off_shift" }, t("Out of shift only")));
  return [{ name: "scope", label: t("Of"), input: scope }, field("about", t("Its name (of the whole plant, none)"), { maxlength: "64" }),
    { name: "hours", label: t("Hours"), input: hours },
    field("first", t("From"), { type: "date", required: true }), field("last", t("To"), { type: "date", required: true }),
    field("variables", t("Variables that it may depend on (parts, shift_hours, weather-0001/outside_temperature …)"), { maxlength: "500" }),
    reasonField(t("Note"))];
}

/** @param {Record<string, any>} values @param {boolean} dry_run */
const request = (values, dry_run) => ({
  ...(values.scope === "plant" ? {} : { [values.scope]: values.about }), hours: values.hours, first: values.first, last: values.last,
  variables: names(values.variables), note: values.reason, dry_run,
});

/** Shows what it would be before it is made. @param {() => void} changed */
function askNew(changed) {
  ask({
    title: t("New baseline"), confirm: t("Look at it"), fields: newFields(),
    act: async (values) => {
      const seen = /** @type {Baseline} */ (await post("/api/baselines", request(values, true)));
      ask({
        title: `${seen.name}: ${gradeName(seen.grade)}`, confirm: t("Make it"), body: [h("p", {}, formula(seen)), checks(seen)],
        act: async () => {
          await post("/api/baselines", request(values, false));
          toast(t("The baseline is made."), "good");
          changed();
        },
      });
    },
  });
}

/** @param {Baseline} one @param {() => void} changed */
function askRetire(one, changed) {
  ask({
    title: t("Retire {name}?", { name: one.name }), confirm: t("Retire it"), danger: true, note: t("It is no longer watched. All its versions stay."),
    fields: [reasonField(t("Note"))],
    act: async ({ reason }) => {
      await post(`/api/baselines/${one.baseline_id}/retire`, { version: one.version, note: reason });
      changed();
    },
  });
}

/** @param {Baseline} one @param {(one: Baseline) => void} measure @param {() => void} changed */
const baselineRow = (one, measure, changed) => labelled(COLUMNS, h("tr", { "data-baseline": one.baseline_id },
  h("td", {}, t("{name}, version {version}", { name: one.name, version: one.version })),
  h("td", {}, t("{begin} to {end}, {number} days", { begin: dayName(one.first), end: dayName(one.last), number: one.days })),
  h("td", {}, formula(one), h("details", {}, h("summary", {}, t("Checks")),
    checks(one, mayAct() ? (kind, index) => askWithout(one, kind, index, checks, changed) : null))),
  h("td", { class: "number" }, one.terms.length ? number(one.r_squared, 2) : "–"),
  h("td", { class: "number" }, percent(one.cv_rmse)),
  h("td", {}, h("span", { class: `badge ${GRADES[one.grade]}` }, gradeName(one.grade)),
    h("p", { class: "quiet" }, one.approved_by === null ? t("not approved") : t("approved by {name}", { name: nameOf(one.approved_by) }))),
  h("td", {}, h("div", { class: "row" }, button(t("Days …"), () => attempt(showCourse(one))),
    button(t("Versions …"), () => attempt(showVersions(one))),
    mayAct() ? [button(t("Measure …"), () => measure(one)),
      one.approved_by === null && one.grade !== "not valid" ? button(t("Approve …"), () => askApproval(one, changed)) : null,
      button(t("Change …"), () => askChange(one, checks, changed)), button(t("Leave days out …"), () => askExclusion(one, checks, changed)),
      button(t("Adjust …"), () => askAdjustment(one, checks, changed)), button(t("Retire …"), () => askRetire(one, changed))] : null))));

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
        t("No baselines yet. A baseline says what a machine, a line or the plant would use, from a time before anything was done.")))]));
  };
  const element = h("section", { class: "panel", tabindex: "0", "aria-label": t("Baselines") }, h("h2", {}, t("Baselines")),
    mayAct() ? h("div", { class: "row tools" }, button(t("New baseline …"), () => askNew(() => attempt(list())))) : null,
    h("table", { class: "stack" }, headRow(COLUMNS), body));
  return { element, list };
}
