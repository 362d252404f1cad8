// Quarter hours and decisions about them, as people choose and read them. Pure: times are texts of plant time with their offset.
import { tc } from "../kit/language.js";

/** @typedef {import("../service/formats.js").EnergyRow} EnergyRow */
/** @typedef {import("../service/formats.js").Correction} Correction */

const QUARTER_MS = 900_000;

/** @type {Record<string, string>} */
export const DECISIONS = {
  accept: tc("decision", "counts"), reject: tc("decision", "does not count"), value: tc("decision", "another value"), withdraw: tc("decision", "withdrawn"),
};

/**
 * The names of quarter hours: "14:00", or "02:00 +02:00" in an hour that comes twice.
 * @param {readonly Pick<EnergyRow, "start">[]} rows
 */
export function quarterNames(rows) {
  const clock = rows.map((row) => row.start.slice(11, 16));
  return rows.map((row, index) => (clock.filter((each) => each === clock[index]).length > 1 ? `${clock[index]} ${row.start.slice(-6)}` : clock[index]));
}

/** The end of a quarter hour as an instant. @param {string} start */
export const endOf = (start) => new Date(Date.parse(start) + QUARTER_MS).toISOString();

/**
 * What counts from one quarter hour to another; null where nothing is known of any of them.
 * @param {readonly Pick<EnergyRow, "kwh">[]} rows @param {number} first @param {number} last
 */
export function countedIn(rows, first, last) {
  const known = rows.slice(first, last + 1).map((row) => row.kwh).filter((kwh) => kwh !== null);
  return known.length ? known.reduce((sum, kwh) => sum + kwh, 0) : null;
}

/**
 * Decisions that hold: no later one is about all of their time. Only these can be withdrawn.
 * @param {readonly Pick<Correction, "correction_id" | "device_id" | "decision" | "start" | "end">[]} newestFirst
 * @returns {Set<string>}
 */
export function holding(newestFirst) {
  const within = (/** @type {any} */ one, /** @type {any} */ other) => one.device_id === other.device_id
    && Date.parse(other.start) <= Date.parse(one.start) && Date.parse(one.end) <= Date.parse(other.end);
  return new Set(newestFirst
    .filter((one, index) => one.decision !== "withdraw" && !newestFirst.slice(0, index).some((later) => within(one, later)))
    .map((one) => one.correction_id));
}
