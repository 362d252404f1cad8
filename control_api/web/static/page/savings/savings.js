// What was done to save energy and what was saved, and the baselines that it is proved against.
import { t } from "../kit/language.js";
import { get, link, mayAct, post } from "../service/api.js";
import { baselineSection } from "./baselines.js";
import { money } from "../energy/words.js";
import { ask, reasonField } from "../kit/dialog.js";
import { attempt, button, h, headRow, labelled, loadingRow, toast } from "../kit/html.js";
import { translated } from "../kit/translated.js";
import { newestOnly } from "../kit/newest.js";
import { nameOf } from "../kit/words.js";
import { amount, dayName, deedName, expected, kept, method, worth } from "./words.js";

/** @typedef {import("../service/formats.js").Measure} Measure */

const COLUMNS = [t("Measure"), t("Expected"), t("Saved"), t("Worth"), t("Cost of doing"), t("Kept"), ""];

/** @param {Measure} one @param {() => void} changed */
function askCost(one, changed) {
  ask({
    title: t("What did {name} cost?", { name: one.name }), confirm: t("Write it down"),
    fields: [{ name: "cost", label: t("Cost of doing, once"), input: h("input", { id: "cost", type: "number", min: "0", step: "any", required: true }) },
      reasonField(t("Note"))],
    act: async ({ cost, reason }) => {
      await post(`/api/measures/${one.measure_id}/change`, { cost_of_doing: Number(cost), note: reason });
      toast(t("Written down."), "good");
      changed();
    },
  });
}

/** @param {Measure} one @param {() => void} changed */
function askEnd(one, changed) {
  const undo = h("input", { type: "checkbox", id: "undo" });
  const row = h("p", { class: "check", hidden: one.schedule_id === null }, undo, h("label", { for: "undo" }, t("Delete its schedule as well")));
  ask({
    title: t("End {name}?", { name: one.name }), confirm: t("End it"), danger: true,
    note: t("It counts up to yesterday and no further. What it has saved stays in the list."),
    fields: [reasonField(), { name: "undo", input: undo, row }],
    act: async (values) => {
      await post(`/api/measures/${one.measure_id}/end`, { note: values.reason, undo: values.undo });
      toast(t("Ended."), "good");
      changed();
    },
  });
}

/** @param {Measure} one @param {() => void} changed */
const buttons = (one, changed) => h("div", { class: "row" },
  button(t("Cost …"), () => askCost(one, changed)), button(t("End …"), () => askEnd(one, changed), "danger"));

/** @param {Measure} one @param {string} currency @param {() => void} changed */
function measureRow(one, currency, changed) {
  const about = one.device_id === null ? null : h("a", { href: link(`/devices/${encodeURIComponent(one.device_id)}`) }, one.device_id);
  return labelled(COLUMNS, h("tr", { "data-measure": one.measure_id },
    h("td", {}, h("strong", {}, translated(one.text)), h("details", {}, h("summary", {}, t("How it was found")), h("p", {}, method(one)),
      h("ul", {}, one.log.map((deed) => h("li", {}, t("{deed} by {name}: {note}", { deed: deedName(deed.deed), name: nameOf(deed.by), note: deed.note }))))), about),
    h("td", { class: "number" }, expected(one)),
    h("td", { class: "number" }, amount(one.saving)),
    h("td", { class: "number" }, worth(one.saving, currency)),
    h("td", { class: "number" }, money(one.cost_of_doing, currency)),
    h("td", {}, h("span", { class: `badge ${one.is_broken ? "failed" : one.state === "ended" ? "stopped" : "running"}` }, kept(one))),
    h("td", {}, mayAct() && one.state === "open" ? buttons(one, changed) : null)));
}

const emptyRow = () => h("tr", {}, h("td", { class: "quiet", colspan: String(COLUMNS.length) },
  t("No measures yet. Accept the recommendation to shut down an idle machine on its page, or open a measure against a baseline below.")));

/** @param {import("../service/formats.js").Baseline} baseline @param {() => void} changed */
function askMeasure(baseline, changed) {
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {object} */ properties) =>
    ({ name, label, input: h("input", { id: name, ...properties }) });
  ask({
    title: t("New measure against {name}", { name: baseline.name }), confirm: t("Open it"),
    note: t("It has to begin after the baseline period, which ends on {day}.", { day: dayName(baseline.last) }),
    fields: [field("name", t("What is done"), { required: true, maxlength: "100" }), field("start", t("First whole day"), { type: "date", required: true }),
      field("expected", t("Expected saving, kWh a day (may stay empty)"), { type: "number", step: "any" }),
      field("cost", t("Cost of doing, once (may stay empty)"), { type: "number", min: "0", step: "any" }), reasonField(t("Note"))],
    act: async (values) => {
      const known = { ...(values.expected === "" ? {} : { expected_kwh_per_day: Number(values.expected) }),
        ...(values.cost === "" ? {} : { cost_of_doing: Number(values.cost) }) };
      await post("/api/measures", { name: values.name, baseline_id: baseline.baseline_id, start: values.start, note: values.reason, ...known });
      toast(t("The measure is open."), "good");
      changed();
    },
  });
}

/** @param {HTMLElement} place */
export async function show(place) {
  const body = h("tbody", {}, loadingRow());
  const newest = newestOnly();
  const list = async () => {
    const found = await newest(get("/api/measures"));
    if (found === null) return;
    body.replaceChildren(...(found.measures.length ? found.measures.map((/** @type {Measure} */ one) => measureRow(one, found.currency, () => attempt(list())))
      : [emptyRow()]));
  };
  const baselines = baselineSection((baseline) => askMeasure(baseline, () => attempt(list())));
  place.replaceChildren(
    h("div", { class: "row tools" }, h("a", { class: "button", href: link("/api/measures.csv") }, t("Measures as CSV"))),
    h("section", { class: "panel", tabindex: "0", "aria-label": t("Measures") }, h("h2", {}, t("Measures")),
      h("table", { class: "stack" }, headRow(COLUMNS), body)),
    baselines.element);
  await Promise.all([list(), baselines.list()]);
}
