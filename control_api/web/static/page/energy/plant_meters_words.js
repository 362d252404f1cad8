// Amounts of any medium as people read them. Pure.
import { decimal, t, tc } from "../kit/language.js";

/** @type {Record<string, string>} */
export const MEDIA = {
  electricity: t("electricity"), gas: t("gas"), compressed_air: t("compressed air"), water: t("water"), heat: t("heat"), other: tc("medium", "other"),
};

/** @param {number | null} value @param {string} unit */
export function amount(value, unit) {
  if (value === null) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : 1;
  return `${decimal(value, digits, true)} ${unit}`;
}

/** A rate: kilowatts are kilowatt hours per hour. @param {number | null} value @param {string} unit */
export const perHour = (value, unit) => amount(value, unit === "kWh" ? "kW" : `${unit}/h`);
