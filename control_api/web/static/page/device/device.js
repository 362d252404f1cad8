// One machine: its state, the last hour, recommendations, alarms and orders.
import { reasonItems, recommendationItems } from "./advice.js";
import { get, mayAct, Refused } from "../service/api.js";
import { caseCard } from "../alarms/cases.js";
import { now, plannedTime, since, time, zoneName } from "../kit/clock.js";
import { curves } from "./curves.js";
import { deviceEnergy } from "./energy.js";
import { askOrder } from "../kit/dialog.js";
import { meterSentence } from "./meter_words.js";
import { pagedPeople } from "../alarms/duty.js";
import { dayAt } from "../energy/words.js";
import { isCurrent, shownState } from "../fleet/list.js";
import { button, h, headRow, loading, loadingRow, none, setText, soon, toast } from "../kit/html.js";
import { t } from "../kit/language.js";
import { live } from "../service/live.js";
import { askLockOrRelease } from "../orders/locks.js";
import { COLUMNS_OF_ONE, orderRows } from "../orders/orders.js";
import { handOver } from "./hand_over.js";
import { showUnknownMachine } from "../machines/unknown.js";
import { kilowatts, likelyComponents, likelyModes, nameOf, number, orderEnd, percent, remainingLife, significant, stateName, stopOptions, typeName } from "../kit/words.js";

/** @typedef {import("../service/live.js").KnownDevice} KnownDevice */
/** @typedef {import("../service/formats.js").DeviceFacts} DeviceFacts */

const TILES = /** @type {Record<string, (one: KnownDevice) => string>} */ ({
  [t("temperature")]: (one) => `${number(one.temperature)} °C`,
  [t("pressure")]: (one) => `${significant(one.pressure)} bar`,
  [t("current")]: (one) => `${number(one.current)} A`,
  [t("power")]: (one) => kilowatts(isCurrent({ shown: shownState(one) }) ? one.power_watts : null),
  [t("risk of failure")]: (one) => (shownState(one) === "no recent data" ? "–" : percent(one.risk)),
  [t("last reading")]: (one) => since(one.at),
});

const FACTS_PAUSE = 30_000;
/** Maximum number of characters in a tile in large letters. */
const LONG = 10;

/** Convert the API's device to the format of the live connection. @param {DeviceFacts} fact @returns {KnownDevice} */
const knownFrom = (fact) => ({
  device_id: fact.device_id, at: fact.last_reading_at ? Date.parse(fact.last_reading_at) / 1000 : null, state: fact.state, silent: fact.silent,
  temperature: fact.temperature_celsius, pressure: fact.pressure_bar, current: fact.current_amperes, power_watts: fact.power_watts,
  risk: fact.failure_probability, prediction: fact.prediction,
  factors: fact.top_factors.map((one) => one.text || one.feature), contributions: fact.top_factors.map((one) => one.contribution),
  likeness: fact.likeness,
  recommendations: fact.recommendations.map((one) => one.text), recommendation_codes: fact.recommendations.map((one) => one.code),
});

/** State, type, line and buttons. @param {string} id @param {DeviceFacts} fact @param {() => KnownDevice} known */
function header(id, fact, known) {
  const state = h("span", { class: "badge", "data-state": "" });
  const wasNote = h("span", { class: "quiet" });
  const lockNote = h("p", { class: "note", hidden: true });
  const start = button(t("Restart …"), () => askOrder("restart", known()));
  const lock = button(t("Lock out …"), () => askLockOrRelease(id));
  const actions = mayAct() ? [button(t("Shut down …"), () => askOrder("shutdown", known()), "danger"), start, lock]
    : [h("span", { class: "quiet" }, t("Read-only: your role is Viewer."))];
  const row = h("div", { class: "row tools facts" }, state, wasNote,
    h("span", { class: "quiet" }, [fact.device_type && typeName(fact.device_type), fact.line].filter(Boolean).join(" · ")), actions,
    document.documentElement.dataset.grafana
      ? h("a", { class: "button", href: `/d/energytrack-device?var-device=${encodeURIComponent(id)}` }, t("Dashboard")) : null,
    button(t("Print a hand-over sheet"), () => window.print()));
  const fill = () => {
    const one = known();
    const shown = shownState(one);
    setText(state, stateName(shown));
    state.className = `badge ${shown.replaceAll(" ", "-")}`;
    setText(wasNote, one.state && shown !== one.state ? t("{state} as of {moment}", { state: stateName(one.state), moment: time(one.at ? one.at * 1000 : null) }) : "");
    const held = live.lockOf(id);
    lockNote.hidden = !held;
    if (held) setText(lockNote, `🔒 ${t("Locked out by {name} since {moment}: {reason}", { name: nameOf(held.holder), moment: time(held.locked_at), reason: held.reason })}`);
    setText(lock, held ? t("Release …") : t("Lock out …"));
    start.disabled = Boolean(held);
  };
  return { elements: [row, lockNote], fill };
}

/** The current values. @param {() => KnownDevice} known */
function tiles(known) {
  const values = Object.entries(TILES).map(([name, format]) => ({ name, format, element: h("div", { class: "value" }) }));
  const element = h("div", { class: "tiles" }, values.map((one) => h("div", { class: "tile" }, h("div", { class: "name" }, one.name), one.element)));
  const fill = () => {
    const one = known();
    element.classList.toggle("old", !["running", "idle", "stopped", "failed", "maintenance"].includes(shownState(one)));
    for (const each of values) {
      const text = each.format(one);
      setText(each.element, text);
      each.element.classList.toggle("long", text.length > LONG);
    }
  };
  return { element, fill };
}

/** Notes about clock, meter and remaining life, which are not part of the live connection. */
function notes() {
  const clock = h("p", { class: "note", hidden: true });
  const meter = h("p", { class: "quiet", hidden: true });
  const life = h("p", { class: "quiet" });
  const fill = (/** @type {DeviceFacts} */ fact) => {
    clock.hidden = !fact.clock;
    setText(clock, fact.clock ? t("Readings are refused: {clock}. Correct the clock, or enter clock_offset in plant.toml.", { clock: fact.clock }) : "");
    // A machine that has failed has none left: its page says what was predicted instead.
    const left = fact.state === "failed" ? "" : remainingLife(fact.silent ? null : fact.remaining_life);
    setText(life, [left, likelyModes(fact.likely_modes), likelyComponents(fact.likely_components), stopOptions(fact.silent ? [] : fact.stop_options, plannedTime, document.documentElement.dataset.currency ?? "")].filter(Boolean).join(". "));
    meter.hidden = !fact.meter_facts;
    setText(meter, fact.meter_facts ? meterSentence(fact.meter_facts, dayAt(now(), zoneName)) : "");
  };
  return { clock, meter, life, fill };
}

/** What is wrong with the machine. @param {string} id @param {HTMLElement} list */
function drawAlarms(id, list) {
  const one = live.caseOf(id);
  list.closest(".columns")?.classList.toggle("urgent", one !== undefined);
  list.replaceChildren(one ? h("li", {}, caseCard(one, { compact: true, paged: pagedPeople(one) })) : none(t("No open alarms for this machine.")));
}

/** The machine's orders, with a message when one ends. @param {string} id */
function orders(id) {
  const body = h("tbody", {}, loadingRow());
  /** @type {Map<string, string>} */
  let shown = new Map();
  const fill = () => {
    const mine = live.orders.filter((order) => order.device_id === id);
    body.replaceChildren(...orderRows(mine, { device: false }));
    for (const order of mine) {
      const before = shown.get(order.command_id);
      const ended = !["requested", "sent"].includes(order.status);
      if (before && before !== order.status && ended) toast(orderEnd(order), order.status === "done" ? "good" : "bad");
    }
    shown = new Map(mine.map((order) => [order.command_id, order.status]));
  };
  const element = h("section", { class: "panel", tabindex: "0", "aria-label": t("Orders") }, h("h2", {}, t("Orders")),
    h("table", { class: "stack" }, headRow(COLUMNS_OF_ONE), body));
  return { element, fill };
}

/** @param {string} id @returns {Promise<[DeviceFacts, import("../service/formats.js").History] | null>} */
async function read(id) {
  const path = `/api/devices/${encodeURIComponent(id)}`;
  try {
    return await Promise.all([get(path), get(`${path}/history?minutes=60`)]);
  } catch (error) {
    if (error instanceof Refused && ["unknown_device", "invalid_request"].includes(error.code)) return null;
    throw error;
  }
}

/** @param {HTMLElement} place @param {string} id */
export async function show(place, id) {
  const found = await read(id);
  if (found === null) return showUnknownMachine(place, id);
  const [fact, history] = found;
  live.devices.set(id, knownFrom(fact));
  const known = () => live.devices.get(id) ?? { device_id: id };
  const parts = { header: header(id, fact, known), notes: notes(), tiles: tiles(known), curves: curves(history), orders: orders(id), sheet: handOver(id) };
  const list = () => h("ul", { class: "plain" }, loading(none("")));
  const lists = { recommendations: list(), reasons: list(), alarms: list() };
  const section = (/** @type {string} */ title, /** @type {Node} */ content) => h("section", { class: "panel" }, h("h2", {}, title), content);
  place.replaceChildren(
    parts.sheet.head,
    ...parts.header.elements,
    parts.notes.clock,
    parts.tiles.element,
    parts.notes.life,
    parts.notes.meter,
    h("div", { class: "columns" },
      h("div", {}, h("div", { class: "charts" }, parts.curves.boxes), parts.orders.element),
      h("div", {}, section(t("Recommendations"), lists.recommendations), section(t("Reasons for the risk"), lists.reasons), deviceEnergy(id),
        section(t("Alarms"), lists.alarms))),
    parts.sheet.foot);

  function draw() {
    parts.header.fill();
    parts.tiles.fill();
    lists.recommendations.replaceChildren(...recommendationItems(known(), live.caseOf(id)));
    lists.reasons.replaceChildren(...reasonItems(known(), live.caseOf(id), fact.failure_cost));
  }
  const later = soon(draw);
  live.on("devices", (updates) => {
    parts.curves.extend(updates.filter((/** @type {KnownDevice} */ one) => one.device_id === id));
    later();
  });
  live.on("locks", soon(() => { draw(); parts.orders.fill(); }));
  live.on("cases", soon(() => { drawAlarms(id, lists.alarms); draw(); }));
  live.on("orders", soon(parts.orders.fill));
  setInterval(() => { later(); parts.curves.show(); }, 5000);
  // Errors are ignored here: a banner already shows a lost connection.
  setInterval(() => get(`/api/devices/${encodeURIComponent(id)}`).then(parts.notes.fill, () => {}), FACTS_PAUSE);
  parts.notes.fill(fact);
  draw();

  const requested = new URLSearchParams(window.location.search).get("action");
  if (mayAct() && (requested === "shutdown" || requested === "restart")) askOrder(requested, known());
}
