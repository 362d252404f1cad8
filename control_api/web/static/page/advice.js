// What to do about a machine, and why: the recommendations, and what raised its risk.
import { get, mayAct, post } from "./api.js";
import { ask } from "./dialog.js";
import { shownState } from "./fleet_list.js";
import { IDLE_ADVICE } from "./formats.js";
import { button, h, none, toast } from "./html.js";
import { days, readable, reason } from "./words.js";

/** @typedef {import("./live.js").KnownDevice} KnownDevice */

/** @param {string} id */
async function askSchedule(id) {
  /** @type {import("./formats.js").Proposal | undefined} */
  const proposed = await get(`/api/devices/${id}/proposal`).catch((error) => { toast(error.message, "bad"); });
  if (!proposed) return;
  ask({
    title: `Shut ${id} down at ${proposed.at}, ${days(proposed.days)}?`, confirm: "Schedule it",
    note: `Only if it has been idle for ${proposed.select.idle_minutes} minutes by then.`,
    act: async () => {
      await post("/api/schedules", proposed);
      toast("Scheduled; see Schedules.", "good");
    },
  });
}

const FAILED = "The machine has failed. Secure it, find the cause, and record what was found on its alarm: the model learns from it.";

/** The recommendations as list items. @param {KnownDevice} device */
export function recommendationItems(device) {
  if (shownState(device) === "no recent data") return [none("No recent readings, so there is nothing to recommend.")];
  const codes = device.recommendation_codes ?? [];
  const items = (device.recommendations ?? []).map((text, index) => h("li", {}, readable(text),
    mayAct() && codes[index] === IDLE_ADVICE
      ? h("div", {}, button("Schedule a shutdown …", () => askSchedule(device.device_id))) : null));
  if (device.state === "failed") items.unshift(h("li", {}, h("strong", {}, FAILED)));
  return items.length ? items : [none("Nothing to do.")];
}

/** What raised the risk, as list items, the strongest first. @param {KnownDevice} device */
export function reasonItems(device) {
  if (shownState(device) === "no recent data") return [none("No recent readings, so the risk is not known.")];
  const factors = device.factors ?? [];
  if (!factors.length) return [none("Nothing stands out: the risk is below the level at which the model raises an alarm.")];
  return factors.map((factor, index) => h("li", {}, index === 0 ? "Main reason: " : "",
    reason(factor, device.contributions?.[index], device.risk)));
}
