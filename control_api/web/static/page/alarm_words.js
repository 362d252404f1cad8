// The texts of an alarm. Pure.

/** @typedef {import("./formats.js").AlarmEntry} AlarmEntry */

/** The name of a rule as words, for rules without a summary: "Device silent" for DeviceSilent. @param {string} rule */
export function spaced(rule) {
  const words = rule.replaceAll("_", " ").replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The links of an alarm that work on this page. @param {Record<string, string>} links @param {boolean} hasGrafana */
export const usableLinks = (links, hasGrafana) => Object.entries(links).filter(([name, address]) => hasGrafana ||
  // Without Grafana there are no dashboards, and Prometheus' own pages do not help people who handle an alarm.
  (name !== "dashboard" && !/\/graph\?/.test(address)));

/** People's comments on this episode, oldest first. @param {AlarmEntry[]} entries @param {number} episode */
export const remarks = (entries, episode) => entries
  .filter((entry) => entry.episode === episode && entry.text && entry.by !== "rule" && entry.deed !== "judged").reverse();
