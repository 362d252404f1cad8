// What is said about imported files: pure.
import { decimal, t } from "../kit/language.js";

/** @typedef {import("../service/formats.js").Import} Import */
/** @typedef {import("../service/formats.js").ImportFinding} ImportFinding */

/** What a person may say about a file, by the field of the API. @type {Record<string, {label: string, options?: string[][]}>} */
export const CHOICES = {
  zone: { label: t("Time zone") },
  labels: { label: t("Rows show"), options: [["begin", t("the beginning of their interval")], ["end", t("the end of their interval")]] },
  values: { label: t("Values are"), options: [["interval", t("energy of each interval")], ["register", t("a meter's register")]] },
  unit: { label: t("Unit"), options: ["Wh", "kWh", "MWh", "W", "kW", "MW"].map((unit) => [unit, unit]) },
  date_order: { label: t("Dates"), options: [["dmy", t("day first")], ["mdy", t("month first")], ["ymd", t("year first")]] },
  decimal: { label: t("Decimal sign"), options: [[".", t("point")], [",", t("comma")]] },
  separator: { label: t("Separator"), options: [[";", t("semicolon")], [",", t("comma")], ["\t", t("tab")], ["|", t("bar")]] },
  encoding: { label: t("Encoding") },
  time_column: { label: t("Column with the time") },
  device_column: { label: t("Column with the machine") },
  columns: { label: t("Only these columns") },
  price: { label: t("Column with the price") },
  price_unit: { label: t("Price is"), options: [["per kWh", t("per kWh")], ["per MWh", t("per MWh")], ["ct/kWh", t("in cents per kWh")]] },
  emissions: { label: t("Column with the emission factor") },
  market: { label: t("Market prices of the contract") },
  parts: { label: t("Column with parts") },
  parts_values: { label: t("Parts are"), options: [["interval", t("those of each interval")], ["register", t("a cumulative counter")], ["lots", t("those of lots that were finished")]] },
  scrap: { label: t("Column with rejected parts") },
};

/** What makes features of a file of vibration, by the field of the API. @type {Record<string, string>} */
export const VIBRATION = {
  vibration_hz: t("Sampled at, in Hz"), starts: t("First file at"), every_seconds: t("Seconds from file to file"),
};

/** @type {Record<string, string>} */
const RATES = { price: t("Price"), location: t("Emission factor of the grid"), market: t("Emission factor of the contract") };

/** What a price or a factor is, and between which values. @param {import("../service/formats.js").ImportedRate} rate @param {string} currency */
export const rateWords = (rate, currency) => [
  RATES[rate.kind], String(rate.values),
  t("{lowest} to {highest} {unit}", { lowest: decimal(rate.lowest, 4), highest: decimal(rate.highest, 4), unit: rate.kind === "price" ? `${currency}/kWh` : "kg CO2e/kWh" }),
];

const WORDS = new Map(Object.entries({
  begin: t("the beginning of the interval"), end: t("the end of the interval"), dmy: t("day first"), mdy: t("month first"),
  ymd: t("year first"), "\t": t("tab"), register: t("a meter's register"), interval: t("energy of each interval"),
}));

/** @param {string} what @param {string} value */
const wordOf = (what, value) =>
  (what === "parts_values" ? CHOICES[what].options?.find(([each]) => each === value)?.[1] : WORDS.get(value)) ?? value;

/** @param {ImportFinding} found */
export const inWords = (found) => [
  CHOICES[found.what]?.label ?? found.what.replaceAll("_", " "),
  found.value === null ? t("not proved") : wordOf(found.what, found.value),
  found.why,
];

/** The query of a request: what was said, without what was left open. @param {string} name @param {Record<string, string>} said */
export function query(name, said) {
  const given = Object.entries(said).filter(([, value]) => value !== "");
  return new URLSearchParams([["name", name], ...given]).toString();
}

/** What an import brought. @param {Import} one */
export function storedWords(one) {
  const parts = [
    one.kwh === null ? null : `${decimal(one.kwh, 1)} kWh`,
    one.parts === null ? null : t("{number} parts", { number: decimal(one.parts, 0) }),
    one.readings ? t("{number} readings", { number: one.readings }) : null,
    one.events ? t("{number} events", { number: one.events }) : null,
    one.rates ? (one.market ? t("{number} prices and factors, market prices “{name}”", { number: one.rates, name: one.market }) : t("{number} emission factors", { number: one.rates })) : null,
  ].filter(Boolean);
  return parts.length ? parts.join(", ") : t("nothing");
}
