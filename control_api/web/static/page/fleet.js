// All machines: searchable, sortable, live.
import { get, link, mayAct, post } from "./api.js";
import { ask, reasonField } from "./dialog.js";
import { h, setText, soon, toast } from "./html.js";
import { live } from "./live.js";
import { ago, kilowatts, percent, time } from "./words.js";

const STATES = ["running", "idle", "stopped", "failed", "maintenance", "silent"];
const COLUMNS = [
  { key: "device_id", name: "Machine" },
  { key: "device_type", name: "Type", minor: true },
  { key: "line", name: "Line", minor: true },
  { key: "state", name: "State" },
  { key: "power_watts", name: "Power", number: true },
  { key: "risk", name: "Risk of failure", number: true },
  { key: "alarms", name: "Alarms", number: true },
  { key: "at", name: "Heard of", minor: true },
];
const SHOWN = 500;
const ON_THE_WALL = 8;
const PAGE = 1000;

const facts = new Map();
const rows = new Map();
const asked = new URLSearchParams(window.location.search);
const chosen = {
  text: asked.get("text") ?? "", line: asked.get("line") ?? "", type: asked.get("type") ?? "", state: asked.get("state") ?? "",
  sort: asked.get("sort") ?? "risk", descending: asked.get("descending") !== "false", wall: asked.has("wall") ? "1" : "",
};

async function readFacts() {
  for (let offset = 0; ; offset += PAGE) {
    const page = await get(`/api/devices?limit=${PAGE}&offset=${offset}`);
    live.tell("age", page.age_seconds);
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

function machine(id) {
  const fact = facts.get(id);
  return { ...fact, ...live.devices.get(id), device_type: fact?.device_type ?? "", line: fact?.line ?? "",
    alarms: live.openAlarms(id).length, lock: live.lockOf(id) };
}

function wanted() {
  const text = chosen.text.toLowerCase();
  const found = [...live.devices.keys()].map(machine).filter((one) =>
    (!chosen.line || one.line === chosen.line) && (!chosen.type || one.device_type === chosen.type) &&
    (!chosen.state || shownState(one) === chosen.state) &&
    (!text || `${one.device_id} ${one.device_type} ${one.line}`.toLowerCase().includes(text)));
  if (chosen.wall) return found.filter(needsSomebody).sort((a, b) => urgency(b) - urgency(a) || (a.device_id < b.device_id ? -1 : 1));
  const way = chosen.descending ? -1 : 1;
  return found.sort((a, b) => {
    const [x, y] = [a[chosen.sort] ?? null, b[chosen.sort] ?? null];
    if (x === y) return a.device_id < b.device_id ? -1 : 1;
    if (x === null) return 1; // what is not known comes last either way
    if (y === null) return -1;
    return x < y ? -way : way;
  });
}

// What a machine told before it fell silent counts nowhere.
const shownState = (one) => (one.silent ? "silent" : one.state);
const newest = (machines) => machines.reduce((latest, one) => Math.max(latest, one.at ?? 0), 0);

const needsSomebody = (one) => one.state === "failed" || one.alarms > 0 || one.prediction === 1;
const urgency = (one) => (one.alarms ? 4 : 0) + (one.state === "failed" ? 2 : 0) + (one.risk ?? 0);

function newRow(id) {
  const cells = {};
  const row = h("tr", {}, COLUMNS.map((column) => {
    const cell = h("td", { class: `${column.number ? "number" : ""} ${column.minor ? "minor" : ""}` });
    if (column.key === "device_id") cell.append(h("a", { href: link(`/devices/${id}`) }, id), cells.lock = h("span", { title: "" }));
    else if (column.key === "state") cell.append(cells.state = h("span", { class: "badge" }));
    else if (column.key === "risk") cell.append(h("span", { class: "risk" }, cells.risk = h("span"),
      cells.meter = h("meter", { min: "0", max: "1", low: "0.4", high: "0.7", optimum: "0", "aria-label": `risk of ${id}` })));
    else if (column.key === "alarms") cell.append(cells.alarms = h("span", { class: "count" }));
    else cells[column.key] = cell;
    return cell;
  }));
  return { row, cells };
}

function fill({ cells }, one) {
  setText(cells.lock, one.lock ? " 🔒" : "");
  cells.lock.title = one.lock ? `Locked out by ${one.lock.holder}: ${one.lock.reason}` : "";
  setText(cells.device_type, one.device_type);
  setText(cells.line, one.line);
  setText(cells.state, shownState(one) ?? "not known");
  cells.state.className = `badge ${shownState(one) ?? ""}`;
  cells.state.title = one.silent && one.at ? `${one.state ?? "not known"} as of ${time(one.at * 1000)}` : "";
  setText(cells.power_watts, kilowatts(one.silent ? null : one.power_watts));
  setText(cells.risk, percent(one.risk));
  cells.meter.hidden = one.risk === null || one.risk === undefined;
  cells.meter.value = one.risk ?? 0;
  cells.alarms.hidden = !one.alarms;
  setText(cells.alarms, one.alarms ? String(one.alarms) : "");
  setText(cells.at, ago(one.at));
}

export async function show(place) {
  await readFacts();
  const body = h("tbody");
  const count = h("p", { class: "quiet", role: "status" });
  const tiles = h("div", { class: "tiles" });
  const asOf = h("p", { class: "banner", role: "status", hidden: true });
  const heads = COLUMNS.map((column) => h("th", { scope: "col", class: column.number ? "number" : "" },
    h("button", { type: "button", onclick: () => {
      chosen.descending = chosen.sort === column.key ? !chosen.descending : column.number === true;
      chosen.sort = column.key;
      draw();
    } }, column.name)));

  const clock = h("span", { class: "clock" });
  function hang(wall) {
    chosen.wall = wall;
    draw();
  }

  const numbers = {};
  for (const [key, name] of [...STATES.map((state) => [state, state]), ["power", "power now"], ["risky", "likely to fail"]]) {
    tiles.append(h("div", { class: "tile" }, h("div", { class: "name" }, name), numbers[key] = h("div", { class: `value ${key}` }, "–")));
  }

  function draw() {
    const everything = [...live.devices.values()];
    for (const state of STATES) setText(numbers[state], String(everything.filter((one) => shownState(one) === state).length));
    const heard = everything.filter((one) => !one.silent);
    setText(numbers.power, heard.length ? kilowatts(heard.reduce((sum, one) => sum + (one.power_watts ?? 0), 0)) : "–");
    const last = newest(everything);
    asOf.hidden = heard.length === everything.length || !last;
    setText(asOf, heard.length ? `${everything.length - heard.length} machines are silent and not counted; they may run all the same.`
      : `No machine is heard. What you see is as of ${last ? time(last * 1000) : ""}.`);
    setText(numbers.risky, String(heard.filter((one) => one.prediction === 1).length));
    document.documentElement.classList.toggle("wall", Boolean(chosen.wall));
    const found = wanted();
    const shown = chosen.wall ? ON_THE_WALL : SHOWN;
    const drawn = found.slice(0, shown).map((one) => {
      if (!rows.has(one.device_id)) rows.set(one.device_id, newRow(one.device_id));
      const row = rows.get(one.device_id);
      fill(row, one);
      return row.row;
    });
    if (drawn.length !== body.children.length || drawn.some((row, index) => body.children[index] !== row)) {
      const focused = document.activeElement; // moving a row must not lose the keyboard's place
      body.replaceChildren(...drawn);
      if (body.contains(focused)) focused.focus({ preventScroll: true });
    }
    setText(count, (chosen.wall ? `${found.length || "None"} of ${everything.length} machines ${found.length === 1 ? "needs" : "need"} somebody`
      : `${found.length} of ${everything.length} machines`) + (found.length > shown ? `, the first ${shown} are shown` : ""));
    COLUMNS.forEach((column, index) => {
      const way = column.key === chosen.sort ? (chosen.descending ? "descending" : "ascending") : "none";
      heads[index].setAttribute("aria-sort", way);
    });
    const kept = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value !== ""));
    window.history.replaceState(null, "", `?${kept}`);
  }

  const choice = (key, name, values) => h("div", {}, h("label", { for: key }, name), h("select", { id: key, onchange: (event) => {
    chosen[key] = event.target.value;
    draw();
  } }, h("option", { value: "" }, "all"), [...values].sort().map((value) => h("option", { value, selected: chosen[key] === value }, value))));
  const distinct = (key) => new Set([...facts.values()].map((fact) => fact[key]).filter(Boolean));

  place.replaceChildren(
    tiles,
    asOf,
    h("div", { class: "row tools" },
      h("div", {}, h("label", { for: "text" }, "Search"), h("input", { id: "text", type: "search", value: chosen.text,
        oninput: (event) => { chosen.text = event.target.value; draw(); } })),
      choice("line", "Line", distinct("line")), choice("type", "Type", distinct("device_type")), choice("state", "State", STATES),
      mayAct() ? h("button", { type: "button", onclick: () => askBulk(wanted()) }, "Order these machines …") : null,
      h("button", { type: "button", title: "For a screen that is read from three metres", onclick: () => hang("1") }, "Wall")),
    h("div", { class: "row wall-only" }, clock, h("button", { type: "button", onclick: () => hang("") }, "Leave the wall view")),
    count,
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": "Machines" }, h("table", { class: "fleet" },
      h("caption", { hidden: true }, "Machines"), h("thead", {}, h("tr", {}, heads)), body)));
  const later = soon(draw);
  for (const kind of ["devices", "alarms", "locks"]) live.on(kind, later);
  setInterval(later, 5000);
  setInterval(() => setText(clock, time(Date.now() - 1)), 1000); // a clock that stands shows that the screen does
  draw();
}

async function askBulk(machines) {
  const action = h("select", { id: "action" }, h("option", { value: "shutdown" }, "Shut down"), h("option", { value: "restart" }, "Restart"));
  const idle = h("input", { id: "idle", type: "number", min: "0", max: "100000", placeholder: "any" });
  const select = (idleMinutes) => ({
    device_ids: machines.slice(0, 1000).map((one) => one.device_id),
    ...(idleMinutes ? { idle_minutes: Number(idleMinutes) } : {}),
  });
  ask({
    title: `Order ${Math.min(machines.length, 1000)} machines`,
    confirm: "See what would happen",
    fields: [{ name: "action", label: "What", input: action },
      { name: "idle", label: "Only those idle for at least so many minutes", input: idle }, reasonField()],
    act: async (values) => {
      const body = { action: values.action, select: select(values.idle), reason: values.reason };
      const plan = await post("/api/bulk", { ...body, dry_run: true });
      ask({
        title: plan.sentence,
        note: "Nothing has happened so far.",
        confirm: "Do it",
        danger: values.action === "shutdown",
        act: async () => {
          const done = await post("/api/bulk", { ...body, dry_run: false });
          toast(done.sentence, "good");
        },
      });
    },
  });
}
