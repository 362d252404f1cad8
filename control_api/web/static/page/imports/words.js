// What is said about imported files: pure.

/** @typedef {import("../service/formats.js").Import} Import */
/** @typedef {import("../service/formats.js").ImportFinding} ImportFinding */

/** What a person may say about a file, by the field of the API. @type {Record<string, {label: string, options?: string[][]}>} */
export const CHOICES = {
  zone: { label: "Time zone" },
  labels: { label: "Rows bear", options: [["begin", "the beginning of their interval"], ["end", "the end of their interval"]] },
  values: { label: "Values are", options: [["interval", "energy of each interval"], ["register", "a meter's register"]] },
  unit: { label: "Unit", options: ["Wh", "kWh", "MWh", "W", "kW", "MW"].map((unit) => [unit, unit]) },
  date_order: { label: "Dates", options: [["dmy", "day first"], ["mdy", "month first"], ["ymd", "year first"]] },
  decimal: { label: "Decimal sign", options: [[".", "point"], [",", "comma"]] },
  separator: { label: "Separator", options: [[";", "semicolon"], [",", "comma"], ["\t", "tab"], ["|", "bar"]] },
  encoding: { label: "Encoding" },
  time_column: { label: "Column with the time" },
  device_column: { label: "Column with the machine" },
  columns: { label: "Only these columns" },
  parts: { label: "Column with parts" },
  parts_values: { label: "Parts are", options: [["interval", "those of each interval"], ["register", "a counter that goes on"]] },
};

const WORDS = new Map(Object.entries({
  begin: "the beginning of the interval", end: "the end of the interval", dmy: "day first", mdy: "month first",
  ymd: "year first", "\t": "tab", register: "a meter's register", interval: "energy of each interval",
}));

/** @param {string} what @param {string} value */
const wordOf = (what, value) =>
  (what === "parts_values" ? CHOICES[what].options?.find(([each]) => each === value)?.[1] : WORDS.get(value)) ?? value;

/** @param {ImportFinding} found */
export const inWords = (found) => [
  CHOICES[found.what]?.label ?? found.what.replaceAll("_", " "),
  found.value === null ? "not proved" : wordOf(found.what, found.value),
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
    one.kwh === null ? null : `${one.kwh.toFixed(1)} kWh`,
    one.parts === null ? null : `${one.parts.toFixed(0)} parts`,
    one.readings ? `${one.readings} readings` : null,
    one.events ? `${one.events} events` : null,
  ].filter(Boolean);
  return parts.length ? parts.join(", ") : "nothing";
}
