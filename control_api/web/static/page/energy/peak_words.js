// The running quarter hour in words. Pure.
import { decimal, t, tc } from "../kit/language.js";

/** @typedef {import("../service/formats.js").PeakNow} PeakNow */

/** The interval, and by how much such forecasts were off. @param {PeakNow} peak */
export function howSure(peak) {
  if (!peak.known || peak.elapsed_seconds === null) return "";
  const said = [t("Minute {minute} of 15.", { minute: Math.floor(peak.elapsed_seconds / 60) + 1 })];
  if (peak.low_kw !== null && peak.high_kw !== null) said.push(t("Four of five such forecasts ended between {low} and {high} kW.", { low: decimal(peak.low_kw, 0), high: decimal(peak.high_kw, 0) }));
  if (peak.past_error_kw !== null) said.push(t("In the last week, forecasts at this minute were off by {error} kW.", { error: decimal(peak.past_error_kw, 1) }));
  else said.push(t("It is not known yet how far such forecasts are off."));
  if (peak.limit_kw === null) said.push(t("The contract has no price of power, or nothing is known to compare with."));
  return said.join(" ");
}

/** Which machines may wait. @param {PeakNow} peak */
export function waits(peak) {
  if (peak.proposal === null) {
    return (peak.above_kw ?? 0) > 0 ? t("No machine may wait, or there is too little time left. [peak] in plant.toml lists those that may.") : "";
  }
  const { machines, saves_kw, is_enough, restart_by } = peak.proposal;
  const names = machines.map((each) => `${each.device_id} (${each.why === "idle" ? tc("state", "idle") : t("up to {minutes} min", { minutes: each.longest_minutes })})`).join(", ");
  const enough = is_enough ? t("That is enough.") : t("That is not enough.");
  const restart = restart_by === null ? "" : ` ${t("Start the first one again by {moment}.", { moment: restart_by.slice(11, 16) })}`;
  return `${t("May wait: {machines}. This takes {power} kW off.", { machines: names, power: decimal(saves_kw, 0) })} ${enough}${restart}`;
}
