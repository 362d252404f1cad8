// One machine: how it is, how it was in the last hour, what is recommended, and what was ordered.
import uPlot from "../vendor/uPlot.esm.js";
import { get, isAdmin, mayAct, post, remove, subject } from "./api.js";
import { alarmItem } from "./alarms.js";
import { ask, askOrder, reasonField } from "./dialog.js";
import { h, setText, soon, toast } from "./html.js";
import { live } from "./live.js";
import { orderRows } from "./orders.js";
import { ago, days, kilowatts, minuteOf, number, percent, secondOf, time } from "./words.js";

const HOUR = 3600;
const CURVES = [
  { key: "temperature", history: "temperature_celsius", name: "Temperature", unit: "°C" },
  { key: "pressure", history: "pressure_bar", name: "Pressure", unit: "bar" },
  { key: "current", history: "current_amperes", name: "Current", unit: "A" },
  { key: "risk", history: "failure_probability", name: "Risk of failure", unit: "%", scale: 100, range: [0, 100] },
];

function curve({ name, unit, range }, times, values) {
  const style = getComputedStyle(document.documentElement);
  const color = (variable) => style.getPropertyValue(variable).trim();
  const box = h("figure", { class: "panel", "aria-label": `${name} of the last hour` }, h("h2", {}, `${name} (${unit})`));
  const rem = parseFloat(style.fontSize); // a wall's letters are larger
  const [font, height] = [`${0.8 * rem}px ${style.fontFamily}`, 12 * rem];
  const grid = { stroke: color("--line"), width: 1 };
  const chart = new uPlot({
    width: 20 * rem, height, cursor: { y: false }, legend: { show: true },
    scales: range ? { y: { range } } : {},
    axes: [{ stroke: color("--quiet"), grid, font, space: 5.5 * rem,
      values: (...[, seconds, , , step]) => seconds.map(step < 60 ? secondOf : minuteOf) },
      { stroke: color("--quiet"), grid, font, size: 3.5 * rem }],
    series: [{}, { label: name, stroke: color("--accent"), width: 2, spanGaps: false,
      value: (_, value) => (value === null || value === undefined ? "–" : `${value.toFixed(1)} ${unit}`) }],
  }, [times, values], box);
  new ResizeObserver(([entry]) => chart.setSize({ width: Math.max(200, entry.contentRect.width), height })).observe(box);
  const empty = h("p", { class: "quiet" }, "Nothing was heard of it in the last hour.");
  chart.root.hidden = !times.length;
  if (!times.length) box.append(empty);
  return { box, chart, times, values, empty };
}

export async function show(place, id) {
  const [fact, history] = await Promise.all([get(`/api/devices/${id}`), get(`/api/devices/${id}/history?minutes=60`)]);
  live.devices.set(id, {
    device_id: id, at: fact.last_reading_at ? Date.parse(fact.last_reading_at) / 1000 : null, state: fact.state, silent: fact.silent,
    temperature: fact.temperature_celsius, pressure: fact.pressure_bar, current: fact.current_amperes, power_watts: fact.power_watts,
    risk: fact.failure_probability, prediction: fact.prediction, factors: fact.top_factors.map((one) => one.text || one.feature),
    recommendations: fact.recommendations.map((one) => one.text),
  });
  const now = () => live.devices.get(id);

  const values = {};
  const tile = (key, name) => h("div", { class: "tile" }, h("div", { class: "name" }, name), values[key] = h("div", { class: "value" }));
  const state = h("span", { class: "badge", "data-state": "" });
  const lockNote = h("p", { class: "note", hidden: true });
  const clockNote = h("p", { class: "note", hidden: true });
  const meter = h("p", { class: "quiet" });
  const lists = { factors: h("ul", { class: "plain" }), recommendations: h("ul", { class: "plain" }),
    alarms: h("ul", { class: "plain" }), orders: h("tbody") };
  const stop = h("button", { class: "danger", type: "button", onclick: () => askOrder("shutdown", now()) }, "Shut down …");
  const start = h("button", { type: "button", onclick: () => askOrder("restart", now()) }, "Restart …");
  const lock = h("button", { type: "button", onclick: () => (live.lockOf(id) ? askRelease(id) : askLock(id)) });
  const actions = mayAct() ? [stop, start, lock] : [h("span", { class: "quiet" }, "You may look, not act: your role is Viewer.")];

  const curves = CURVES.map((one) => {
    const risk = one.key === "risk";
    const known = history[one.history].map((value) => (value === null ? null : value * (one.scale ?? 1)));
    return { ...one, ...curve(one, [...(risk ? history.scored_at : history.at)], known) };
  });

  place.replaceChildren(
    h("div", { class: "row tools facts" }, state,
      h("span", { class: "quiet" }, [fact.device_type, fact.line].filter(Boolean).join(" · ")), actions,
      document.documentElement.dataset.grafana
        ? h("a", { class: "button", href: `/d/energytrack-device?var-device=${encodeURIComponent(id)}` }, "Dashboard") : null),
    lockNote, clockNote,
    h("div", { class: "tiles" }, tile("temperature", "temperature"), tile("pressure", "pressure"), tile("current", "current"),
      tile("power", "power"), tile("risk", "risk of failure"), tile("heard", "heard of")),
    meter,
    h("div", { class: "columns" },
      h("div", {}, h("div", { class: "charts" }, curves.map((one) => one.box)),
        h("section", { class: "panel", tabindex: "0", "aria-label": "Orders" }, h("h2", {}, "Orders"), h("table", { class: "stack" }, h("thead", {}, h("tr", {},
          ["When", "What", "Status", "Who", "Why", "Answer", ""].map((name) => h("th", { scope: "col" }, name)))), lists.orders))),
      h("div", {},
        h("section", { class: "panel" }, h("h2", {}, "Recommendations"), lists.recommendations),
        h("section", { class: "panel" }, h("h2", {}, "Why the model thinks so"), lists.factors),
        h("section", { class: "panel" }, h("h2", {}, "Alarms"), lists.alarms))));

  const none = (text) => h("li", { class: "quiet" }, text);
  function draw() {
    const one = now();
    setText(state, one.state ?? "not known");
    state.className = `badge ${one.state ?? ""}`;
    setText(values.temperature, `${number(one.temperature)} °C`);
    setText(values.pressure, `${number(one.pressure, 2)} bar`);
    setText(values.current, `${number(one.current)} A`);
    setText(values.power, kilowatts(one.silent ? null : one.power_watts));
    setText(values.risk, percent(one.risk));
    setText(values.heard, one.silent && one.at ? `silent, as of ${time(one.at * 1000)}` : ago(one.at));
    const held = live.lockOf(id);
    lockNote.hidden = !held;
    if (held) setText(lockNote, `🔒 Locked out by ${held.holder} since ${time(held.locked_at)}: ${held.reason}`);
    setText(lock, held ? "Release …" : "Lock out …");
    start.disabled = Boolean(held);
    lists.recommendations.replaceChildren(...(one.recommendations?.length ? one.recommendations.map((text) => h("li", {}, text,
      mayAct() && /idle/i.test(text) ? h("div", {}, h("button", { type: "button", onclick: () => askSchedule(id) },
        "Schedule a shutdown …")) : null)) : [none("Nothing to do.")]));
    lists.factors.replaceChildren(...(one.factors?.length ? one.factors.map((text) => h("li", {}, text)) : [none("Nothing stands out.")]));
  }
  function drawAlarms() {
    const alarms = live.openAlarms(id);
    lists.alarms.replaceChildren(...(alarms.length ? alarms.map((alarm) => h("li", {}, alarmItem(alarm, { compact: true }))) : [none("None.")]));
  }
  let shown = new Map();
  function drawOrders() {
    const orders = live.orders.filter((order) => order.device_id === id);
    lists.orders.replaceChildren(...orderRows(orders, { device: false }));
    for (const order of orders) {
      const before = shown.get(order.command_id);
      if (before && before !== order.status && !["requested", "sent"].includes(order.status)) {
        toast(`${order.action} of ${id}: ${order.status}. ${order.detail}`, order.status === "done" ? "good" : "bad");
      }
    }
    shown = new Map(orders.map((order) => [order.command_id, order.status]));
  }
  function extend(told) {
    for (const device of told.filter((one) => one.device_id === id && one.at)) {
      for (const one of curves) {
        if (one.times.length && one.times[one.times.length - 1] >= device.at) continue;
        one.empty.remove();
        one.chart.root.hidden = false;
        one.times.push(device.at);
        one.values.push(device[one.key] === null ? null : device[one.key] * (one.scale ?? 1));
        while (one.times.length && one.times[0] < device.at - HOUR) { one.times.shift(); one.values.shift(); }
        one.chart.setData([one.times, one.values]);
      }
    }
  }
  function drawFacts(facts) {
    clockNote.hidden = !facts.clock;
    if (facts.clock) setText(clockNote, `Readings are refused: ${facts.clock}. Set it right, or enter clock_offset in plant.toml.`);
    meter.hidden = !facts.meter;
    if (facts.meter) setText(meter, `Meter: ${facts.meter}`);
  }
  drawFacts(fact);
  setInterval(async () => drawFacts(await get(`/api/devices/${id}`)), 30000);
  const later = soon(draw);
  live.on("devices", (told) => { extend(told); later(); });
  live.on("locks", later);
  live.on("alarms", soon(drawAlarms));
  live.on("orders", soon(drawOrders));
  setInterval(later, 5000);
  draw();

  const asked = new URLSearchParams(window.location.search).get("action");
  if (mayAct() && (asked === "shutdown" || asked === "restart")) askOrder(asked, now());
}

function askLock(id) {
  ask({
    title: `Lock ${id} out?`, confirm: "Lock out", fields: [reasonField()],
    note: "Nobody can restart it from here until you release it. This does not replace a padlock on the machine.",
    act: async ({ reason }) => {
      const { open_restart: restart } = await post(`/api/devices/${id}/lock`, { reason });
      toast(restart ? `Locked, but a restart was under way: wait for its end before you touch ${id}.` : `${id} is locked out.`,
        restart ? "bad" : "good");
    },
  });
}

function askRelease(id) {
  const held = live.lockOf(id);
  const mine = held.holder === subject();
  ask({
    title: `Release ${id}?`, confirm: "Release", fields: mine ? [] : [reasonField()],
    note: mine ? null : isAdmin() ? `${held.holder} holds this lock. Have you spoken to them?` : `Only ${held.holder} or an administrator can.`,
    act: async ({ reason }) => remove(`/api/devices/${id}/lock${reason ? `?reason=${encodeURIComponent(reason)}` : ""}`),
  });
}

async function askSchedule(id) {
  const proposed = await get(`/api/devices/${id}/proposal`).catch((error) => { toast(error.message, "bad"); });
  if (!proposed) return;
  ask({
    title: `Shut ${id} down at ${proposed.at}, ${days(proposed.days)}?`, confirm: "Schedule it",
    note: `When it has been idle for ${proposed.select.idle_minutes} minutes by then.`,
    act: async () => {
      await post("/api/schedules", proposed);
      toast(`Scheduled; see Schedules.`, "good");
    },
  });
}
