// What an alarm says, in words. Pure.

/** @typedef {import("./formats.js").AlarmEntry} AlarmEntry */

/** A rule that has no summary is called by its name, in words: DeviceSilent is "Device silent". @param {string} rule */
export function spaced(rule) {
  const words = rule.replaceAll("_", " ").replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The links of an alarm that lead somewhere here. @param {Record<string, string>} links @param {boolean} hasGrafana */
export const usableLinks = (links, hasGrafana) => Object.entries(links).filter(([name, address]) => hasGrafana ||
  // Without Grafana there are no dashboards; Prometheus' own pages are no place for whoever looks after an alarm.
  (name !== "dashboard" && !/\/graph\?/.test(address)));

/** What people said of this episode, oldest first. @param {AlarmEntry[]} entries @param {number} episode */
export const remarks = (entries, episode) => entries
  .filter((entry) => entry.episode === episode && entry.text && entry.by !== "rule" && entry.deed !== "judged").reverse();
