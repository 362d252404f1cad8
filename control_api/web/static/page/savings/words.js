// Measures, baselines and what they come to, as people read them. Pure.
import { decimal, locale, t, tc, tn } from "../kit/language.js";
import { energy, money } from "../energy/words.js";
import { translated } from "../kit/translated.js";

/** @typedef {import("../service/formats.js").Measure} Measure */
/** @typedef {import("../service/formats.js").Baseline} Baseline */
/** @typedef {import("../service/formats.js").Saving} Saving */
/** @typedef {import("../service/formats.js").BaselineTerm} BaselineTerm */

const MINUS = "\u2212";
/** @type {Record<string, string>} */
const GRADES = { good: tc("grade", "good"), weak: tc("grade", "weak"), "not valid": tc("grade", "not valid") };
/** @param {string} grade */
export const gradeName = (grade) => GRADES[grade] ?? grade;
/** @type {Record<string, string>} */
const DEEDS = { opened: tc("measure", "opened"), changed: tc("measure", "changed"), ended: tc("measure", "ended") };
/** @param {string} deed */
export const deedName = (deed) => DEEDS[deed] ?? deed;

/** "3 Nov 2026". @param {string | null} day `2026-11-03` */
export function dayName(day) {
  if (day === null) return "–";
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(locale(), { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
}

/** "412 ± 38 kWh"; without an interval where nothing can be said. @param {Saving | null} saving */
export function amount(saving) {
  if (saving === null || saving.days === 0) return "–";
  if (saving.half_width_kwh === null) return t("{energy}, uncertainty not known", { energy: energy(saving.kwh) });
  return `${energy(saving.kwh)} ± ${energy(saving.half_width_kwh)}`;
}

/** What a saving is worth. @param {Saving | null} saving @param {string} currency */
export function worth(saving, currency) {
  if (saving === null || saving.cost === null) return "–";
  return saving.half_width_cost === null ? money(saving.cost, currency)
    : `${money(saving.cost, currency)} ± ${money(saving.half_width_cost, currency)}`;
}

/** Whether a measure is kept, in words. @param {Pick<Measure, "undone" | "is_broken" | "broken" | "kept_days" | "state">} one */
export function kept(one) {
  if (one.state === "ended") return tc("measure", "ended");
  if (one.undone !== null) return translated(one.undone);
  if (one.kept_days === null) return t("no day is over yet");
  if (one.is_broken) {
    return tn("not kept: left on for {n} day, last on {day}", "not kept: left on for {n} days, last on {day}", one.broken.length,
      { day: dayName(one.broken[one.broken.length - 1]) });
  }
  if (one.broken.length > 0) return tn("kept but for {n} day", "kept but for {n} days", one.broken.length);
  return tc("measure", "kept");
}

/** How a saving was found, in a sentence. @param {Measure} one */
export function method(one) {
  const saving = one.saving;
  if (saving === null) return one.baseline === null ? t("There is no baseline from before it began.") : t("No day is over yet.");
  const option = saving.option === "A" ? t("option A, energy from ratings") : t("option B, energy metered");
  const parts = [`${translated(saving.method)}; IPMVP ${option}`, t("{number} days", { number: saving.days }),
    t("{share} % confidence", { share: Math.round(saving.confidence * 100) }),
    t("baseline “{name}”, version {version}", { name: one.baseline, version: one.baseline_version })];
  if (saving.adjusted_kwh !== 0) parts.push(t("adjusted by {energy}", { energy: energy(saving.adjusted_kwh) }));
  if (saving.days_out_of_range > 0) parts.push(t("{number} of the days are outside the range of the baseline", { number: saving.days_out_of_range }));
  return `${parts.join(", ")}.`;
}

/** @param {number} value */
const figure = (value) => Number(value.toPrecision(4)).toLocaleString(locale(), { useGrouping: false, maximumFractionDigits: 20 }).replace("-", MINUS);

/** "energy of a day = 120 kWh + 0.5 × parts". @param {Pick<Baseline, "intercept" | "terms">} one */
export function formula(one) {
  const terms = one.terms.map((term) => ` ${term.coefficient < 0 ? MINUS : "+"} ${figure(Math.abs(term.coefficient))} × ${term.variable}`);
  return `${t("energy of a day")} = ${figure(one.intercept)} kWh${terms.join("")}`;
}

/** A p-value; a very small one is not zero. @param {number} value */
export const probability = (value) => (value < 0.001 ? `< ${decimal(0.001, 3)}` : decimal(value, 3));

/** The variables that were rejected, with the reason. @param {Pick<Baseline, "rejected">} one */
export function rejected(one) {
  return one.rejected.map((each) => `${each.variable}: ${translated(each.why)}${each.p_value === null ? "" : ` (p = ${probability(each.p_value)})`}`);
}

/** The variables in a text field, separated by commas or spaces. @param {string} text */
export const names = (text) => text.split(/[\s,;]+/).filter(Boolean);

/** What is expected of a measure by now, or a day. @param {Measure} one */
export function expected(one) {
  if (one.expected_kwh !== null) return energy(one.expected_kwh);
  return one.expected_kwh_per_day === null ? "–" : t("{energy} a day", { energy: energy(one.expected_kwh_per_day) });
}
