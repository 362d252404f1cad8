// Charts of the last hour.
import uPlot from "../../vendor/uPlot.esm.js";
import { minuteOf, nowSeconds, secondOf, zoneName } from "../kit/clock.js";
import { h } from "../kit/html.js";
import { decimal, t } from "../kit/language.js";
import { significant } from "../kit/words.js";
import { withGaps } from "./gaps.js";

const HOUR = 3600;
/**
 * @typedef {object} Kind
 * @property {"temperature" | "pressure" | "current" | "risk"} key of the live device
 * @property {"temperature_celsius" | "pressure_bar" | "current_amperes" | "failure_probability"} history of the API's history
 * @property {string} name
 * @property {string} unit
 * @property {number} [digits]
 * @property {(value: number) => string} [shown] instead of `digits`
 * @property {number} [scale]
 * @property {[number, number]} [range]
 */
/** @type {Kind[]} */
const KINDS = [
  { key: "temperature", history: "temperature_celsius", name: t("Temperature"), unit: "°C" },
  { key: "pressure", history: "pressure_bar", name: t("Pressure"), unit: "bar", shown: significant },
  { key: "current", history: "current_amperes", name: t("Current"), unit: "A" },
  { key: "risk", history: "failure_probability", name: t("Risk of failure"), unit: "%", digits: 0, scale: 100, range: [0, 100] },
];

const style = getComputedStyle(document.documentElement);
/** Read at each drawing: pages are always printed in light colours. @param {string} variable */
const color = (variable) => () => style.getPropertyValue(variable).trim();

/** @param {Kind} kind @param {number} height @returns {uPlot.Options} */
function options(kind, height) {
  const rem = parseFloat(style.fontSize); // larger in wall view
  const font = `${0.8 * rem}px ${style.fontFamily}`;
  const grid = { stroke: color("--line"), width: 1 };
  return {
    width: 20 * rem, height, cursor: { y: false }, legend: { show: true },
    tzDate: (seconds) => (zoneName ? uPlot.tzDate(new Date(seconds * 1000), zoneName) : new Date(seconds * 1000)),
    scales: { x: { range: () => [nowSeconds() - HOUR, nowSeconds()] }, ...(kind.range ? { y: { range: kind.range } } : {}) },
    axes: [{ stroke: color("--quiet"), grid, font, space: 5.5 * rem, size: 2 * rem,
      values: (_plot, seconds, _axis, _space, step) => seconds.map(step < 60 ? secondOf : minuteOf) },
    { stroke: color("--quiet"), grid, font, size: 3.5 * rem }],
    series: [{ label: t("Time"), value: (_, seconds) => (seconds ? secondOf(seconds) : "–") },
      { label: kind.name, stroke: color("--accent"), width: 2, spanGaps: false,
        value: (_, value) => (value === null || value === undefined ? "–" : `${kind.shown ? kind.shown(value) : decimal(value, kind.digits ?? 1)} ${kind.unit}`) }],
  };
}

class Curve {
  /** @param {Kind} kind @param {number[]} times @param {(number | null)[]} values */
  constructor(kind, times, values) {
    this.kind = kind;
    this.times = times;
    this.values = values.map((value) => this.scaled(value));
    this.box = h("figure", { class: "panel curve", "aria-label": t("{name} in the last hour", { name: kind.name }) }, h("h2", {}, `${kind.name} (${kind.unit})`));
    this.empty = h("p", { class: "quiet" }, kind.key === "risk" ? t("No predictions in the last hour.") : t("No readings in the last hour."));
    const height = 12 * parseFloat(style.fontSize);
    this.plot = new uPlot(options(kind, height), [this.times, this.values], this.box);
    this.box.append(this.empty);
    new ResizeObserver(([entry]) => this.plot.setSize({ width: Math.max(200, entry.contentRect.width), height })).observe(this.box);
    this.show();
  }

  /** @param {number | null} value */
  scaled(value) {
    return value === null ? null : value * (this.kind.scale ?? 1);
  }

  show() {
    while (this.times.length && this.times[0] < nowSeconds() - HOUR) { this.times.shift(); this.values.shift(); }
    this.plot.root.hidden = !this.times.length;
    this.empty.hidden = this.times.length > 0;
    this.plot.setData(withGaps(this.times, this.values));
  }

  /** @param {import("../service/formats.js").LiveDevice} device */
  extend(device) {
    if (device.at === null || (this.times.at(-1) ?? 0) >= device.at) return;
    this.times.push(device.at);
    this.values.push(this.scaled(device[this.kind.key]));
  }
}

/** The charts of a machine, with its history. @param {import("../service/formats.js").History} history */
export function curves(history) {
  const all = KINDS.map((kind) => new Curve(kind, [...(kind.key === "risk" ? history.scored_at : history.at)], history[kind.history]));
  const show = () => all.forEach((one) => one.show());
  document.addEventListener("theme", () => all.forEach((one) => one.plot.redraw(false)));
  return {
    boxes: all.map((one) => one.box),
    show,
    /** @param {import("../service/formats.js").LiveDevice[]} updates */
    extend(updates) {
      for (const device of updates) for (const one of all) one.extend(device);
      show();
    },
  };
}
