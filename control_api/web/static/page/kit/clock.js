// The page's clock: the service's time, not the viewer's, shown in the plant's time zone.
import { locale, t } from "./language.js";
import { ago, DAY } from "./words.js";

let offset = 0;

/** Set the clock by a response's Date header. @param {string | null} header @param {number} [here] */
export function setClock(header, here = Date.now()) {
  const there = header === null ? NaN : Date.parse(header);
  // The header has whole seconds: ignore smaller differences.
  if (Number.isFinite(there)) offset = Math.abs(there - here) < 2000 ? 0 : there - here;
}

/** Milliseconds since the epoch. */
export const now = () => Date.now() + offset;
/** Seconds since the epoch. */
export const nowSeconds = () => now() / 1000;

/** @param {Intl.DateTimeFormatOptions} options @param {string | undefined} zone */
const format = (options, zone) => new Intl.DateTimeFormat(locale(), { ...options, timeZone: zone });

/** @param {string | undefined} zone */
function formats(zone) {
  return {
    second: format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, zone),
    minute: format({ hour: "2-digit", minute: "2-digit" }, zone),
    date: format({ day: "numeric", month: "short", year: "numeric" }, zone),
    moment: format({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }, zone),
  };
}

export let zoneName = "";
let shown = formats(undefined);

/** Show times in this zone from now on. @param {string | undefined} zone */
export function useZone(zone) {
  zoneName = zone ?? "";
  shown = formats(zone || undefined);
}

/** @param {number} seconds */
export const secondOf = (seconds) => shown.second.format(seconds * 1000);
/** @param {number} seconds */
export const minuteOf = (seconds) => shown.minute.format(seconds * 1000);
/** @param {number} seconds */
export const dateOf = (seconds) => shown.date.format(seconds * 1000);

/** A moment: time only for today, otherwise with the date. @param {string | number | null | undefined} moment */
export function time(moment) {
  if (moment === null || moment === undefined || moment === "") return "–";
  const at = new Date(moment);
  return dateOf(at.getTime() / 1000) === dateOf(nowSeconds()) ? shown.second.format(at) : shown.moment.format(at);
}

/** The same without seconds, for what is planned. @param {string} moment */
export function plannedTime(moment) {
  const at = Date.parse(moment) / 1000;
  return dateOf(at) === dateOf(nowSeconds()) ? minuteOf(at) : shown.moment.format(1000 * at);
}

/** @param {number | null | undefined} seconds */
export const since = (seconds) => ago(seconds, nowSeconds(), (at) => t("on {date}", { date: dateOf(at) }));

let silentSeconds = 300;
/** Set the time without a reading after which a machine counts as silent. @param {string | undefined} seconds */
export function useSilence(seconds) {
  silentSeconds = Number(seconds) || silentSeconds;
}

/** How recent a reading is: after a while its machine is silent, and after a day the reading is history.
 * @param {number | null | undefined} at @param {number} [present]
 * @returns {"reporting" | "silent" | "history" | "never"}
 */
export function freshness(at, present = nowSeconds()) {
  if (at === null || at === undefined) return "never";
  const age = present - at;
  if (age <= silentSeconds) return "reporting";
  return age <= Math.max(DAY, silentSeconds) ? "silent" : "history";
}
