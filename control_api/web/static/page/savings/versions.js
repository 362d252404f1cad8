// Versions of a baseline: changed, looked at, approved.
import { energy } from "../energy/words.js";
import { ask, reasonField } from "../kit/dialog.js";
import { h, toast } from "../kit/html.js";
import { t } from "../kit/language.js";
import { nameOf } from "../kit/words.js";
import { get, post } from "../service/api.js";
import { dayName, formula, gradeName, names } from "./words.js";

/** @typedef {import("../service/formats.js").Baseline} Baseline */

/** @param {string} name @param {string} label @param {object} properties */
const field = (name, label, properties) => ({ name, label, input: h("input", { id: name, ...properties }) });
/** @param {string} first @param {string | null} last @param {boolean} required */
const span = (first, last, required) => [field("first", t("From"), { type: "date", required: true, value: first }),
  field("last", required ? t("To") : t("To (empty: from then on)"), { type: "date", required, value: last ?? "" })];

/**
 * Shows what a version would be before it is made.
 * @param {Baseline} one @param {object} change @param {string} note
 * @param {(one: Baseline) => HTMLElement} checks @param {() => void} changed
 */
async function look(one, change, note, checks, changed) {
  const path = `/api/baselines/${one.baseline_id}`;
  const body = { ...change, version: one.version, note };
  const seen = /** @type {Baseline} */ (await post(path, { ...body, dry_run: true }));
  ask({
    title: `${t("{name}, version {version}", { name: seen.name, version: seen.version })}: ${gradeName(seen.grade)}`, confirm: t("Make it"),
    body: [h("p", {}, formula(seen)), checks(seen)],
    act: async () => {
      await post(path, body);
      toast(t("The version is made."), "good");
      changed();
    },
  });
}

/** Another period, other variables. @param {Baseline} one @param {(one: Baseline) => HTMLElement} checks @param {() => void} changed */
export function askChange(one, checks, changed) {
  ask({
    title: t("Change {name}", { name: one.name }), confirm: t("Look at it"), note: t("A change makes a new version; the old ones stay."),
    fields: [...span(one.first, one.last, true),
      field("variables", t("Variables that it may depend on (parts, shift_hours, weather-0001/outside_temperature …)"), { maxlength: "500", value: one.offered.join(", ") }),
      reasonField(t("Note"))],
    act: ({ first, last, variables, reason }) => look(one, { first, last, variables: names(variables) }, reason, checks, changed),
  });
}

/** Days that do not count. @param {Baseline} one @param {(one: Baseline) => HTMLElement} checks @param {() => void} changed */
export function askExclusion(one, checks, changed) {
  ask({
    title: t("Leave days out of {name}", { name: one.name }), confirm: t("Look at it"), note: t("Days that are unlike others for a reason you know: a strike, a trial."),
    fields: [...span("", null, true), reasonField(t("Why"))],
    act: ({ first, last, reason }) => look(one, { exclusions: [...one.exclusions, { first, last, note: reason }] }, reason, checks, changed),
  });
}

/** A non-routine adjustment. @param {Baseline} one @param {(one: Baseline) => HTMLElement} checks @param {() => void} changed */
export function askAdjustment(one, checks, changed) {
  ask({
    title: t("Adjust {name}", { name: one.name }), confirm: t("Look at it"),
    note: t("Energy per day that no variable explains, and from when: a second furnace. It is added to what is expected; enter a decrease as a negative number."),
    fields: [...span("", null, false), field("kwh", t("kWh a day"), { type: "number", step: "any", required: true }), reasonField(t("Why"))],
    act: ({ first, last, kwh, reason }) => look(one, {
      adjustments: [...one.adjustments, { first, last: last || null, kwh_per_day: Number(kwh), note: reason }],
    }, reason, checks, changed),
  });
}

/** An exclusion or an adjustment is no longer. @param {Baseline} one @param {"exclusions" | "adjustments"} kind @param {number} index @param {(one: Baseline) => HTMLElement} checks @param {() => void} changed */
export function askWithout(one, kind, index, checks, changed) {
  ask({
    title: t("Take this out of {name}?", { name: one.name }), note: one[kind][index].note, confirm: t("Look at it"), fields: [reasonField(t("Note"))],
    act: ({ reason }) => look(one, { [kind]: one[kind].filter((_, place) => place !== index) }, reason, checks, changed),
  });
}

/** @param {Baseline} one @param {() => void} changed */
export function askApproval(one, changed) {
  ask({
    title: t("Approve {name}, version {version}?", { name: one.name, version: one.version }), confirm: t("Approve it"),
    note: t("Your name is recorded with it. A new fit needs a new approval."), fields: [reasonField(t("Note"))],
    act: async ({ reason }) => {
      await post(`/api/baselines/${one.baseline_id}/approve`, { version: one.version, note: reason });
      toast(t("Approved."), "good");
      changed();
    },
  });
}

/** Who made which version, and why. @param {Baseline} one */
export async function showVersions(one) {
  const { baselines } = /** @type {{baselines: Baseline[]}} */ (await get(`/api/baselines/${one.baseline_id}`));
  ask({
    title: t("Versions of {name}", { name: one.name }),
    body: baselines.map((each) => h("section", {},
      h("h3", {}, t("Version {version}, {day}", { version: each.version, day: dayName(each.made_at.slice(0, 10)) })),
      h("p", {}, t("by {name}: {note}", { name: nameOf(each.made_by), note: each.note })),
      h("p", {}, `${formula(each)}; ${gradeName(each.grade)}`),
      each.approved_by === null ? null : h("p", {}, t("Approved by {name}.", { name: nameOf(each.approved_by) })),
      each.adjustments.map((adjusted) => h("p", { class: "quiet" }, t("adjusted by {energy} a day since {day}: {note}",
        { energy: energy(adjusted.kwh_per_day), day: dayName(adjusted.first), note: adjusted.note }))))),
  });
}
