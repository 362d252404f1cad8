// Energy, periods and money as people read them. Pure: dates come as arguments, as texts of plant time (2026-11-23).
import { decimal, t, tc } from "../kit/language.js";

/** @typedef {import("../service/formats.js").EnergyRow} EnergyRow */
/** @typedef {"day" | "week" | "month" | "year"} Kind */
/**
 * @typedef {object} Total
 * @property {string | null} name
 * @property {number | null} kwh
 * @property {number | null} cost
 * @property {number | null} idle_kwh
 * @property {number | null} idle_cost
 * @property {number} suspect_kwh
 * @property {number} unpriced_kwh
 * @property {string | null} since when the first reading arrived, if that was within the time
 * @property {Record<"measured" | "bridged" | "estimated" | "imported" | "corrected" | "unknown", number>} seconds
 */

const BASES = /** @type {const} */ (["measured", "bridged", "estimated", "imported", "corrected", "unknown"]);
const BASIS_NAMES = {
  measured: tc("basis", "measured"), bridged: tc("basis", "bridged"), estimated: tc("basis", "estimated"),
  imported: tc("basis", "imported"), corrected: tc("basis", "corrected"), unknown: tc("basis", "unknown"),
};
const DAY_MS = 86_400_000;

/** An amount of a machine, or of a meter in its own unit. @param {number | null} value @param {string} unit */
export const inUnit = (value, unit) => (unit === "kWh" ? energy(value) : value === null ? "–" : `${decimal(value, Math.abs(value) >= 100 ? 0 : 1, true)} ${unit}`);

/** @param {Date} date */
const text = (date) => date.toISOString().slice(0, 10);
/** @param {string} day @param {number} days */
const plus = (day, days) => text(new Date(Date.parse(day) + days * DAY_MS));

/** The day of an instant at the plant. @param {number} moment milliseconds @param {string} zone */
export const dayAt = (moment, zone) => new Intl.DateTimeFormat("en-CA", { timeZone: zone || undefined }).format(moment);

/** The first and last day of the period that a day lies in. @param {Kind} kind @param {string} day */
export function period(kind, day) {
  if (kind === "day") return { first: day, last: day };
  if (kind === "week") {
    const first = plus(day, -((new Date(Date.parse(day)).getUTCDay() + 6) % 7));
    return { first, last: plus(first, 6) };
  }
  const [year, month] = day.split("-").map(Number);
  if (kind === "year") return { first: `${year}-01-01`, last: `${year}-12-31` };
  return { first: `${day.slice(0, 8)}01`, last: text(new Date(Date.UTC(year, month, 0))) };
}

/** A day of the period before or after. @param {Kind} kind @param {string} day @param {-1 | 1} step */
export function shifted(kind, day, step) {
  const { first, last } = period(kind, day);
  return step < 0 ? plus(first, -1) : plus(last, 1);
}

/** What the parts of a period are. @param {Kind} kind @returns {"hour" | "day" | "month"} */
export const partsOf = (kind) => (kind === "day" ? "hour" : kind === "year" ? "month" : "day");

/** What is not known is no zero: it adds nothing. @param {number | null} a @param {number | null} b */
const sum = (a, b) => (a === null ? b : b === null ? a : a + b);

/** Rows of several periods, oldest first, added up by name. @param {readonly EnergyRow[]} rows @returns {Total[]} */
export function totals(rows) {
  /** @type {Map<string | null, Total>} */
  const found = new Map();
  for (const row of rows) {
    const before = found.get(row.name);
    const seconds = /** @type {Total["seconds"]} */ (Object.fromEntries(
      BASES.map((basis) => [basis, row[`${basis}_seconds`] + (before?.seconds[basis] ?? 0)])));
    found.set(row.name, {
      name: row.name, seconds, since: before ? before.since : row.since,
      kwh: sum(before?.kwh ?? null, row.kwh), cost: sum(before?.cost ?? null, row.cost),
      idle_kwh: sum(before?.idle_kwh ?? null, row.idle_kwh), idle_cost: sum(before?.idle_cost ?? null, row.idle_cost),
      suspect_kwh: row.suspect_kwh + (before?.suspect_kwh ?? 0), unpriced_kwh: row.unpriced_kwh + (before?.unpriced_kwh ?? 0),
    });
  }
  return [...found.values()].sort((a, b) => (b.kwh ?? -1) - (a.kwh ?? -1));
}

/** @param {number | null | undefined} value */
export function energy(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const [amount, unit] = Math.abs(value) >= 100_000 ? [value / 1000, "MWh"] : [value, "kWh"];
  const digits = Math.abs(amount) >= 100 ? 0 : 1;
  return `${decimal(amount, digits, true)} ${unit}`;
}

/** @param {number | null | undefined} value @param {string} currency */
export function money(value, currency) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return `${decimal(value, 2, true)} ${currency}`;
}

/** Cost, and what is not in it. @param {Pick<Total, "cost" | "unpriced_kwh">} total @param {string} currency */
export const cost = (total, currency) =>
  money(total.cost, currency) + (total.cost !== null && total.unpriced_kwh > 0.05 ? ` ${t("and {energy} without a price", { energy: energy(total.unpriced_kwh) })}` : "");

/** How the time is known: "98.2 % measured, 1.8 % unknown". @param {Total["seconds"]} seconds */
function shares(seconds) {
  const whole = BASES.reduce((all, basis) => all + seconds[basis], 0);
  if (whole <= 0) return "–";
  return BASES.map((basis) => ({ basis, share: (100 * seconds[basis]) / whole }))
    .filter(({ share }) => share >= 0.05)
    .map(({ basis, share }) => `${share >= 99.95 ? "100" : decimal(share, 1)} % ${BASIS_NAMES[basis]}`).join(", ");
}

/** "14:05", with its day where that is another one. @param {string} since plant time @param {string} day */
const sinceWhen = (since, day) => (since.startsWith(day) ? since.slice(11, 16) : `${since.slice(0, 10)} ${since.slice(11, 16)}`);

/**
 * How the time is known, and since when there is any: a machine's time counts from its first reading.
 * @param {Pick<Total, "seconds" | "since">} total
 * @param {string} day today, at the plant
 */
export const coverage = (total, day) => shares(total.seconds) + (total.since ? ` ${t("since {moment}", { moment: sinceWhen(total.since, day) })}` : "");

/**
 * A machine's energy of a day or month in a sentence.
 * @param {string} when @param {Total | undefined} total @param {string} currency @param {string} day today, at the plant
 */
export function sentence(when, total, currency, day) {
  if (total === undefined || total.kwh === null) return t("{when}: not known yet.", { when });
  const idle = total.idle_kwh === null ? "" : t(", of which idle {energy} ({cost})", { energy: energy(total.idle_kwh), cost: money(total.idle_cost, currency) });
  return `${when}: ${energy(total.kwh)} (${cost(total, currency)})${idle}; ${coverage(total, day)}.`;
}
