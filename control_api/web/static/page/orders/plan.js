// The preview of a bulk order, machine by machine. Pure.
import { kilowatts } from "../kit/words.js";

/** @typedef {Pick<import("../service/formats.js").PlanStep, "ordered" | "why_not" | "saves_watts">} Step */

/** Reasons for skipping a machine that can be overridden. */
const OVERRIDABLE = ["in mid-cycle", "in shift"];
const VERBS = /** @type {Record<string, string>} */ ({ shutdown: "is shut down", restart: "is restarted" });

/** What happens to a machine, in words. @param {Step} step @param {string} action */
export function stepOutcome(step, action) {
  if (!step.ordered) return `skipped: it is ${step.why_not}`;
  return step.saves_watts > 0 ? `${VERBS[action]}, saves ${kilowatts(step.saves_watts)}` : VERBS[action];
}

/** How many machines get an order, and how many more would with an override. @param {Step[]} steps */
export const planCounts = (steps) => ({
  ordered: steps.filter((step) => step.ordered).length,
  overridable: steps.filter((step) => OVERRIDABLE.includes(step.why_not ?? "")).length,
});
