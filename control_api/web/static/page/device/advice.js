// The recommendations for a machine, and the reasons for its risk.
import { beforeFailure } from "../alarms/words.js";
import { get, mayAct, post } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask } from "../kit/dialog.js";
import { t } from "../kit/language.js";
import { shownState } from "../fleet/list.js";
import { IDLE_ADVICE } from "../service/formats.js";
import { button, h, none, price, toast } from "../kit/html.js";
import { translated } from "../kit/translated.js";
import { days, percent, readable, reason } from "../kit/words.js";

/** @typedef {import("../service/live.js").KnownDevice} KnownDevice */
/** @typedef {import("../service/formats.js").Case} Case */

/** @param {string} id */
async function askSchedule(id) {
  /** @type {import("../service/formats.js").Proposal | undefined} */
  const proposed = await get(`/api/devices/${id}/proposal`).catch((error) => { toast(error.message, "bad"); });
  if (!proposed) return;
  ask({
    title: t("Shut down {machine} at {time}, {days}?", { machine: id, time: proposed.at, days: days(proposed.days) }), confirm: t("Schedule it"),
    note: t("Only if it has then been idle for {minutes} minutes. The page Savings proves what it saves.", { minutes: proposed.select.idle_minutes }),
    fields: [{ name: "at", label: t("At (plant time)"), input: h("input", { id: "at", type: "time", required: true, value: proposed.at }) },
      { name: "until", label: t("Start it again at, on the next working day (empty: it stays off)"), input: h("input", { id: "until", type: "time" }) }],
    act: async ({ at, until }) => {
      await post("/api/measures/scheduled-shutdown", { device_id: id, at, ...(until === "" ? {} : { until }) });
      toast(t("Scheduled. What it saves is proved on the page Savings."), "good");
    },
  });
}

const FAILED = t("The machine has failed. Secure it, find the cause and record your verdict on its alarm: the model learns from it.");

/** The recommendations as list items. @param {KnownDevice} device @param {Case | undefined} one what is wrong with it */
export function recommendationItems(device, one) {
  if (shownState(device) === "no recent data") return [none(t("No recent readings, so there are no recommendations."))];
  const codes = device.recommendation_codes ?? [];
  const isIdling = (/** @type {number} */ index) => codes[index] === IDLE_ADVICE;
  const items = (device.recommendations ?? []).flatMap((text, index) => (device.state === "failed" && isIdling(index) ? [] : [
    h("li", {}, readable(text), mayAct() && isIdling(index)
      ? h("div", {}, button(t("Schedule a shutdown …"), () => askSchedule(device.device_id))) : null)]));
  if (device.state === "failed") {
    const before = one ? beforeFailure(one, time) : null;
    items.unshift(h("li", {}, h("strong", {}, FAILED)), ...(before ? [h("li", {}, before)] : []));
  }
  return items.length ? items : [none(t("Nothing to do."))];
}

/** The reasons for the risk as list items, the strongest first; of a failed machine those from before the failure.
 * @param {KnownDevice} device @param {Case | undefined} one what is wrong with it @param {number | null} failureCost what a failure costs
 */
export function reasonItems(device, one, failureCost) {
  if (shownState(device) === "no recent data") return [none(t("No recent readings, so the risk is unknown."))];
  if (device.state === "failed" && one?.factors.length) {
    return one.factors.map((factor, index) => h("li", {}, index === 0 ? `${t("Main reason before the failure:")} ` : "", readable(factor)));
  }
  const factors = device.factors ?? [];
  if (!factors.length) return [none(t("No reasons: the risk is below the model's threshold for an alarm."))];
  const items = factors.map((factor, index) => h("li", {}, index === 0 ? `${t("Main reason:")} ` : "",
    reason(factor, device.contributions?.[index], device.risk)));
  if (device.likeness) items.unshift(h("li", {}, h("strong", {}, translated(device.likeness))));
  if (failureCost !== null && device.prediction === 1 && device.risk) {
    items.push(h("li", {}, t("At risk: {amount} ({share} of the {cost} that a failure costs)", {
      amount: price(failureCost * device.risk), share: percent(device.risk), cost: price(failureCost) })));
  }
  return items;
}
