// What is said about imported files: pure.
import { decimal, t } from "../kit/language.js";

/** @typedef {import("../service/formats.js").Import} Import */
/** @typedef {import("../service/formats.js").ImportFinding} ImportFinding */

/** What a person may say about a file, by the field of the API; of some, a pair on each line, such as `example`.
 * @type {Record<string, {label: string, options?: string[][], example?: string}>} */
export const CHOICES = {
  zone: { label: t("Time zone") },
  labels: { label: t("Rows show"), options: [["begin", t("the beginning of their interval")], ["end", t("the end of their interval")]] },
  values: { label: t("Values are"), options: [["interval", t("energy of each interval")], ["register", t("a meter's register")]] },
  unit: { label: t("Unit"), options: ["Wh", "kWh", "MWh", "GWh", "MJ", "GJ", "W", "kW", "MW"].map((unit) => [unit, unit]) },
  amounts: { label: t("Amounts"), options: [["check", t("are checked against the machines")], ["as_stated", t("are right as stated")]] },
  date_order: { label: t("Dates"), options: [["dmy", t("day first")], ["mdy", t("month first")], ["ymd", t("year first")], ["1904", t("counts of days since 1904")]] },
  decimal: { label: t("Decimal sign"), options: [[".", t("point")], [",", t("comma")]] },
  separator: { label: t("Separator"), options: [[";", t("semicolon")], [",", t("comma")], ["\t", t("tab")], ["|", t("bar")], [" ", t("any number of spaces")]] },
  encoding: { label: t("Encoding") },
  time_column: { label: t("Column with the time") },
  starts: { label: t("First count, or first file, was at") },
  every_seconds: { label: t("Seconds from one to the next") },
  device_column: { label: t("Column with the machine") },
  devices: { label: t("Machines by the file's names"), example: "Zaehler-4711=press-0001" },
  columns: { label: t("Only these columns") },
  signals: { label: t("Signals by column"), example: "T1=temperature" },
  what: { label: t("Store only"), options: [["energy", t("energy")], ["readings", t("readings")], ["parts", t("parts")], ["prices", t("prices and emission factors")]] },
  price: { label: t("Column with the price") },
  price_unit: { label: t("Price is"), options: [["per kWh", t("per kWh")], ["per MWh", t("per MWh")], ["ct/kWh", t("in cents per kWh")]] },
  emissions: { label: t("Column with the emission factor") },
  market: { label: t("Market prices of the contract") },
  parts: { label: t("Column with parts") },
  parts_values: { label: t("Parts are"), options: [["interval", t("those of each interval")], ["register", t("a cumulative counter")], ["lots", t("those of lots that were finished")]] },
  scrap: { label: t("Column with rejected parts") },
};

/** What makes features of a file of vibration, by the field of the API. @type {Record<string, string>} */
export const VIBRATION = { vibration_hz: t("Sampled at, in Hz") };

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

/** A field with what was asked, filled in as it may be: a pair comes on a line of its own. @param {string} what @param {string} value @param {string} suggestion */
export const filledIn = (what, value, suggestion) => (!value ? suggestion
  : CHOICES[what]?.example && !value.split("\n").includes(suggestion) ? `${value.trimEnd()}\n${suggestion}` : value);

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
