// All machines: searchable, sortable, live.
import { t } from "../kit/language.js";
import { get, link, mayAct } from "../service/api.js";
import { askBulk } from "../orders/bulk.js";
import { minuteOf, nowSeconds, secondOf, time } from "../kit/clock.js";
import { askOrder } from "../kit/dialog.js";
import { countSentence, machineOf, SHOWN_STATES, silenceSentence, totals, wanted } from "./list.js";
import { COLUMNS, listenToKeys, newRow, place } from "./table.js";
import { followToday, lineTable, moneyTiles, today } from "./money.js";
import { button, h, setText, soon } from "../kit/html.js";
import { live } from "../service/live.js";
import { askLockOrRelease } from "../orders/locks.js";
import { kilowatts, stateName, typeName } from "../kit/words.js";

const SHOWN = 500;
const ON_THE_WALL = 8;
const PAGE = 1000;

/** @type {Map<string, import("../service/formats.js").DeviceFacts>} */
const facts = new Map();
/** @type {Map<string, import("./table.js").Row>} */
const rows = new Map();
const query = new URLSearchParams(window.location.search);
/** @type {import("./list.js").Choice} */
const chosen = {
  text: query.get("text") ?? "", line: query.get("line") ?? "", type: query.get("type") ?? "", state: query.get("state") ?? "",
  sort: query.get("sort") ?? "risk", descending: query.get("descending") !== "false", wall: query.has("wall") ? "1" : "",
};

async function readFacts() {
  for (let offset = 0; ; offset += PAGE) {
    const page = await get(`/api/devices?limit=${PAGE}&offset=${offset}`);
    for (const device of page.devices) {
      facts.set(device.device_id, device);
      if (!live.devices.has(device.device_id)) {
        live.devices.set(device.device_id, {
          device_id: device.device_id, state: device.state, power_watts: device.power_watts, risk: device.failure_probability,
          prediction: device.prediction, silent: device.silent, at: device.last_reading_at ? Date.parse(device.last_reading_at) / 1000 : null,
        });
      }
    }
    if (offset + PAGE >= page.total) return;
  }
}

function machines() {
  const [present, alarms] = [nowSeconds(), new Map()];
  for (const { device_id: id, state } of live.alarms) if (state !== "cleared") alarms.set(id, (alarms.get(id) ?? 0) + 1);
  return [...live.devices.values()].map((one) =>
    machineOf(one, facts.get(one.device_id), alarms.get(one.device_id) ?? 0, live.lockOf(one.device_id), present, today.get(one.device_id)));
}

/** The tiles above the table, with a function that fills them. */
function tiles() {
  /** @type {Record<string, HTMLElement>} */
  const values = {};
  const names = [...SHOWN_STATES.map((state) => [state, stateName(state)]), ["power", t("power now")], ["risky", t("at risk of failing")]];
  const costs = moneyTiles();
  const element = h("div", {}, h("div", { class: "tiles" }, names.map(([key, name]) => h("div", { class: "tile" },
    h("div", { class: "name" }, name), (values[key] = h("div", { class: `value ${key}` }, "–"))))), costs.element);
  /** @param {ReturnType<typeof totals>} sums */
  const fill = (sums) => {
    for (const state of SHOWN_STATES) setText(values[state], String(sums.states[state]));
    setText(values.power, kilowatts(sums.power));
    setText(values.risky, sums.risky === null ? "–" : String(sums.risky));
    costs.fill(sums);
  };
  return { element, fill };
}

/** Search and filters; calls `changed` after each change. @param {() => void} changed */
function tools(changed) {
  /** @param {string} name */
  const distinct = (name) => new Set([...facts.values()].map((fact) => /** @type {any} */ (fact)[name]).filter(Boolean));
  /** @param {"line" | "type" | "state"} key @param {string} name @param {Iterable<string>} values */
  const choice = (key, name, values) => h("div", {}, h("label", { for: key }, name), h("select", { id: key, onchange: (/** @type {any} */ event) => {
    chosen[key] = event.target.value;
    changed();
  } }, h("option", { value: "" }, t("all")), [...values].sort().map((value) =>
    h("option", { value, selected: chosen[key] === value }, key === "state" ? stateName(value) : key === "type" ? typeName(value) : value.replaceAll("_", " ")))));
  return h("div", { class: "row tools" },
    h("div", {}, h("label", { for: "text" }, t("Search")), h("input", { id: "text", type: "search", value: chosen.text,
      oninput: (/** @type {any} */ event) => { chosen.text = event.target.value; changed(); } })),
    choice("line", t("Line"), distinct("line")), choice("type", t("Type"), distinct("device_type")), choice("state", t("State"), SHOWN_STATES),
    mayAct() ? button(t("Order these machines …"), () => askBulk(wanted(machines(), chosen))) : null,
    h("button", { type: "button", title: t("Large letters, for a screen on the wall"), onclick: () => { chosen.wall = "1"; changed(); } }, t("Wall")));
}

/** The table's head with sort buttons. @param {() => void} changed */
function head(changed) {
  const heads = COLUMNS.map((column) => h("th", { scope: "col",
    class: [column.number ? "number" : "", column.wide ? "wide" : "", `of-${column.key}`].filter(Boolean).join(" ") },
    button(column.name, () => {
      chosen.descending = chosen.sort === column.key ? !chosen.descending : column.number === true;
      chosen.sort = column.key;
      changed();
    })));
  const fill = () => COLUMNS.forEach((column, index) => {
    const way = column.key === chosen.sort ? (chosen.descending ? "descending" : "ascending") : "none";
    heads[index].setAttribute("aria-sort", way);
  });
  return { element: h("thead", {}, h("tr", {}, heads)), fill };
}

/** Keyboard actions on the selected row. @param {HTMLElement} body */
function keys(body) {
  const open = (/** @type {string} */ id) => window.location.assign(link(`/devices/${id}`));
  const device = (/** @type {string} */ id) => live.devices.get(id) ?? { device_id: id };
  listenToKeys(body, mayAct() ? {
    enter: open,
    s: (id) => askOrder("shutdown", device(id)),
    r: (id) => askOrder("restart", device(id)),
    l: askLockOrRelease,
  } : { enter: open });
  return h("p", { class: "quiet keys" }, mayAct()
    ? t("Select a machine with a click or the arrow keys: Enter opens it, S shuts it down, R restarts it, L locks or releases it.")
    : t("Select a machine with a click or the arrow keys: Enter opens it."));
}

function emptyRow() {
  const text = live.devices.size ? t("No machine matches the search and the filters.")
    : t("No machines yet. Each machine appears here with its first reading.");
  return h("tr", {}, h("td", { class: "quiet", colspan: String(COLUMNS.length) }, chosen.wall ? t("No machine needs attention.") : text));
}

/** @param {HTMLElement} at */
export async function show(at) {
  await readFacts();
  const body = h("tbody");
  const count = h("p", { class: "quiet", role: "status" });
  const asOf = h("p", { class: "banner", role: "status", hidden: true });
  const clock = h("span", { class: "clock" });
  const [numbers, heads] = [tiles(), head(draw)];
  const lines = lineTable((line) => {
    chosen.line = line;
    const filter = at.querySelector("#line");
    if (filter instanceof HTMLSelectElement) filter.value = line;
    draw();
  });

  function draw() {
    const everything = machines();
    numbers.fill(totals(everything));
    lines.fill(everything);
    setText(asOf, silenceSentence(everything, time));
    asOf.hidden = !asOf.textContent;
    document.documentElement.classList.toggle("wall", Boolean(chosen.wall));
    const found = wanted(everything, chosen);
    const most = chosen.wall ? ON_THE_WALL : SHOWN;
    const drawn = found.slice(0, most).map((one) => {
      const row = rows.get(one.device_id) ?? newRow(one.device_id);
      rows.set(one.device_id, row);
      row.fill(one);
      return row.row;
    });
    place(body, drawn.length ? drawn : [emptyRow()]);
    setText(count, countSentence(found.length, everything.length, most, Boolean(chosen.wall)));
    heads.fill();
    const kept = Object.entries(chosen).filter(([, value]) => value !== "").map(([key, value]) => [key, String(value)]);
    window.history.replaceState(null, "", `?${new URLSearchParams(kept)}`);
  }

  at.replaceChildren(
    numbers.element,
    asOf,
    lines.element,
    tools(draw),
    h("div", { class: "row wall-only" }, clock, button(t("Leave the wall view"), () => { chosen.wall = ""; draw(); })),
    count,
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": t("Machines") }, h("table", { class: "fleet" },
      h("caption", { hidden: true }, t("Machines")), heads.element, body)),
    keys(body));
  const later = soon(draw);
  followToday(later);
  for (const kind of ["devices", "alarms", "locks"]) live.on(kind, later);
  setInterval(later, 5000);
  // If this clock stops, the screen has frozen.
  setInterval(() => setText(clock, secondOf(nowSeconds())), 1000);
  setText(clock, minuteOf(nowSeconds()));
  draw();
}
