// Amounts of any medium as people read them. Pure.

/** @type {Record<string, string>} */
export const MEDIA = {
  electricity: "electricity", gas: "gas", compressed_air: "compressed air", water: "water", heat: "heat", other: "other",
};

/** @param {number | null} value @param {string} unit */
export function amount(value, unit) {
  if (value === null) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : 1;
  return `${value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

/** A rate: kilowatts are kilowatt hours per hour. @param {number | null} value @param {string} unit */
export const perHour = (value, unit) => amount(value, unit === "kWh" ? "kW" : `${unit}/h`);

/** @param {number | null} ratio */
export const share = (ratio) => (ratio === null ? "–" : `${(100 * ratio).toFixed(0)} %`);
