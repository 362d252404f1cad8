// Energy against a baseline as plots: used beside expected, and their summed difference.
import uPlot from "../../vendor/uPlot.esm.js";
import { energy } from "../energy/words.js";
import { h } from "../kit/html.js";
import { locale, t } from "../kit/language.js";
import { columns } from "./days.js";

/** @typedef {import("../service/formats.js").BaselineCourse} Course */

const style = getComputedStyle(document.documentElement);
/** @param {string} variable */
const color = (variable) => () => style.getPropertyValue(variable).trim();
/** @param {number} seconds */
const dayOf = (seconds) => new Date(seconds * 1000).toLocaleDateString(locale(), { timeZone: "UTC", day: "numeric", month: "short" });

/** @param {string} title @param {string} text @param {number[]} at @param {{name: string, color: string, values: (number | null)[], dashed?: boolean}[]} lines */
function plot(title, text, at, lines) {
  const rem = parseFloat(style.fontSize);
  const height = 11 * rem;
  const grid = { stroke: color("--line"), width: 1 };
  const font = `${0.8 * rem}px ${style.fontFamily}`;
  const box = h("figure", { class: "curve", "aria-label": title }, h("h3", {}, title), h("p", { class: "quiet" }, text));
  const drawn = new uPlot({
    width: 30 * rem, height, cursor: { y: false }, legend: { show: true },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    axes: [{ stroke: color("--quiet"), grid, font, space: 5 * rem, size: 2 * rem, values: (_plot, seconds) => seconds.map(dayOf) },
      { stroke: color("--quiet"), grid, font, size: 4 * rem }],
    series: [{ label: t("Day"), value: (_, seconds) => (seconds ? dayOf(seconds) : "–") },
      ...lines.map((line) => ({
        label: line.name, stroke: color(line.color), width: 2, spanGaps: false, ...(line.dashed ? { dash: [6, 4] } : {}),
        value: (/** @type {uPlot} */ _, /** @type {number | null} */ value) => (value === null || value === undefined ? "–" : energy(value)),
      }))],
  }, /** @type {any} */ ([at, ...lines.map((line) => line.values)]), box);
  new ResizeObserver(([entry]) => drawn.setSize({ width: Math.max(200, entry.contentRect.width), height })).observe(box);
  document.addEventListener("theme", () => drawn.redraw(false));
  return box;
}

/** Both plots; none where no day counts. @param {Course} course */
export function coursePlots(course) {
  if (!course.points.length) return [];
  const { at, used, expected, cusum } = columns(course.points);
  return [
    plot(t("Used and expected"), t("kWh a day"), at, [
      { name: t("Used"), color: "--accent", values: used }, { name: t("Expected"), color: "--quiet", values: expected, dashed: true }]),
    plot(t("CUSUM"), t("Summed difference in kWh: it falls while energy is saved, and bends on the day on which something changed."), at,
      [{ name: t("CUSUM"), color: "--accent", values: cusum }]),
  ];
}
