// The running quarter hour in words. Pure.

/** @typedef {import("../service/formats.js").PeakNow} PeakNow */

/** The interval, and by how much such forecasts were off. @param {PeakNow} peak */
export function howSure(peak) {
  if (!peak.known || peak.elapsed_seconds === null) return "";
  const said = [`Minute ${Math.floor(peak.elapsed_seconds / 60) + 1} of 15.`];
  if (peak.low_kw !== null && peak.high_kw !== null) said.push(`Four of five such forecasts ended between ${peak.low_kw.toFixed(0)} and ${peak.high_kw.toFixed(0)} kW.`);
  if (peak.past_error_kw !== null) said.push(`In the last week, forecasts at this minute were off by ${peak.past_error_kw.toFixed(1)} kW.`);
  else said.push("It is not known yet how far such forecasts are off.");
  if (peak.limit_kw === null) said.push("The contract has no price of power, or nothing is known to compare with.");
  return said.join(" ");
}

/** Which machines may wait. @param {PeakNow} peak */
export function waits(peak) {
  if (peak.proposal === null) {
    return (peak.above_kw ?? 0) > 0 ? "No machine may wait, or there is too little time left. [peak] in plant.toml lists those that may." : "";
  }
  const { machines, saves_kw, is_enough, restart_by } = peak.proposal;
  const names = machines.map((each) => `${each.device_id} (${each.why === "idle" ? "idle" : `up to ${each.longest_minutes} min`})`).join(", ");
  const enough = is_enough ? "That is enough." : "That is not enough.";
  const restart = restart_by === null ? "" : ` Start the first one again by ${restart_by.slice(11, 16)}.`;
  return `May wait: ${names}. This takes ${saves_kw.toFixed(0)} kW off. ${enough}${restart}`;
}
