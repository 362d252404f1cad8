// Stops and OEE as people read them. Pure.
import { decimal, t, tn } from "../kit/language.js";
import { translated } from "../kit/translated.js";
import { nameOf } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Stop} Stop */
/** @typedef {import("../service/formats.js").ProductionRow} ProductionRow */
/** @typedef {import("../service/formats.js").Loss} Loss */

/** "1 h 5 min", "4 min", "50 s". @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
}

/** The short stops of a day, as a sentence. @param {number} count @param {number} seconds */
export const microStops = (count, seconds) => (count === 0 ? t("No micro-stops.")
  : tn("{n} micro-stop took {time}.", "{n} micro-stops took {time}.", count, { time: duration(seconds) }));

/** What is not known is no zero. @param {number | null} ratio */
export const percent = (ratio) => (ratio === null ? "–" : `${decimal(100 * ratio, 1)} %`);

/** "09:05 to 09:45, 30 min", and whether it goes on. @param {Pick<Stop, "start" | "end" | "seconds" | "is_open">} stop */
export function when(stop) {
  const from = stop.start.slice(11, 16);
  return stop.is_open ? t("since {begin}, {time}", { begin: from, time: duration(stop.seconds) })
    : t("{begin} to {end}, {time}", { begin: from, end: stop.end.slice(11, 16), time: duration(stop.seconds) });
}

/** Why it was, and who says so. @param {Pick<Stop, "reason_text" | "given_by" | "note" | "is_planned">} stop */
export function why(stop) {
  if (stop.reason_text === null) return t("No reason given");
  const by = stop.given_by === null ? t("reported by the machine") : t("by {name}", { name: nameOf(stop.given_by) });
  return [translated(stop.reason_text), stop.is_planned ? t("planned") : "", stop.note, by].filter(Boolean).join(", ");
}

/** Why a row has no OEE: the first thing that is missing. @param {ProductionRow} row */
export function missing(row) {
  if (row.oee !== null) return "";
  if (row.planned_seconds === 0) return t("no planned time");
  if (row.availability === null) return t("too little of its time is known");
  if (row.parts === null) return t("parts are not counted");
  if (row.performance === null) return t("its ideal cycle is not known");
  return row.quality === null ? t("rejected parts are not counted") : t("not known of each machine");
}

/** "12 of 40 machines" where the OEE of some is not known. @param {ProductionRow} row */
export const ofHowMany = (row) =>
  row.machines_complete === row.machines ? `${row.machines}` : t("{known} of {all} known", { known: row.machines_complete, all: row.machines });

/** "420 parts, 12 rejected"; estimated ones are never shown as counted. @param {Pick<ProductionRow, "parts" | "estimated_parts" | "scrap">} row */
export function made(row) {
  if (row.parts === null) return "–";
  const whole = decimal(Math.round(row.parts), 0, true);
  const estimated = row.estimated_parts ?? 0;
  const parts = estimated === 0 ? whole
    : estimated >= row.parts ? t("about {parts}, estimated from the current", { parts: whole })
      : t("{parts}, {estimated} of them estimated from the current", { parts: whole, estimated: decimal(Math.round(estimated), 0, true) });
  return row.scrap === null ? parts : t("{parts}, {scrap} rejected", { parts, scrap: decimal(Math.round(row.scrap), 0, true) });
}

/** Who counted the parts, "from its counter and from events"; that some are estimated is said with them.
 * @param {Pick<ProductionRow, "parts_from">} row @param {boolean} isOne of one machine, and not of several */
export function fromWhom(row, isOne) {
  const words = { counter: isOne ? t("from its counter") : t("from their counters"), events: t("from events"), file: t("from a file"), current: "" };
  return row.parts_from.map((source) => words[source]).filter(Boolean).reduce((all, one) => (all ? t("{all} and {one}", { all, one }) : one), "");
}

/** "Parts today: 420, 12 rejected, from events". @param {Pick<ProductionRow, "parts" | "estimated_parts" | "scrap" | "parts_from"> | undefined} row */
export function partsToday(row) {
  if (!row || row.parts === null) return "";
  return t("Parts today: {parts}.", { parts: [made(row), fromWhom(row, true)].filter(Boolean).join(", ") });
}

/** The address of an answer for a line and a day. @param {string} path @param {string} line empty for all @param {string} day empty for today */
export function asked(path, line, day) {
  const query = new URLSearchParams();
  if (line) query.set("line", line);
  if (day) { query.set("from", day); query.set("to", day); }
  const text = query.toString();
  return text ? `${path}${path.includes("?") ? "&" : "?"}${text}` : path;
}
