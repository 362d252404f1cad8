// The preview of a bulk order, machine by machine. Pure.
import { t, tc } from "../kit/language.js";
import { kilowatts } from "../kit/words.js";

/** @typedef {Pick<import("../service/formats.js").PlanStep, "ordered" | "why_not" | "saves_watts">} Step */

/** Reasons for skipping a machine that can be overridden. */
const OVERRIDABLE = ["in mid-cycle", "in shift"];
const VERBS = /** @type {Record<string, string>} */ ({ shutdown: t("is shut down"), restart: t("is restarted") });
/** Why a machine is skipped, as the service says it. @type {Record<string, string>} */
const WHY_NOT = {
  "in mid-cycle": t("in mid-cycle"), "in shift": t("in shift"), "locked out": t("locked out"), silent: tc("state", "silent"),
  stopped: tc("state", "stopped"), running: tc("state", "running"), failed: tc("state", "failed"),
};

/** What happens to a machine, in words. @param {Step} step @param {string} action */
export function stepOutcome(step, action) {
  if (!step.ordered) return t("skipped: it is {why}", { why: WHY_NOT[step.why_not ?? ""] ?? step.why_not });
  return step.saves_watts > 0 ? t("{what}, saves {power}", { what: VERBS[action], power: kilowatts(step.saves_watts) }) : VERBS[action];
}

/** How many machines get an order, and how many more would with an override. @param {Step[]} steps */
export const planCounts = (steps) => ({
  ordered: steps.filter((step) => step.ordered).length,
  overridable: steps.filter((step) => OVERRIDABLE.includes(step.why_not ?? "")).length,
});
