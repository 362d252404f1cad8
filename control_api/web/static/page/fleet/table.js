// The table of machines: its rows, which are kept and updated, and the keyboard actions on the selected one.
import { t } from "../kit/language.js";
import { link } from "../service/api.js";
import { since, time } from "../kit/clock.js";
import { isCurrent } from "./list.js";
import { h, price, setText } from "../kit/html.js";
import { kilowatts, nameOf, percent, stateName, typeName } from "../kit/words.js";

/** @typedef {import("./list.js").Machine} Machine */

export const COLUMNS = [
  { key: "device_id", name: t("Machine") },
  { key: "device_type", name: t("Type"), minor: true, wide: true },
  { key: "line", name: t("Line"), minor: true },
  { key: "shown", name: t("State") },
  { key: "power_watts", name: t("Power"), number: true },
  { key: "risk", name: t("Risk of failure"), number: true },
  { key: "idle_cost", name: t("Idling today"), number: true },
  { key: "alarms", name: t("Alarms"), number: true },
  { key: "at", name: t("Last reading") },
];

/** @typedef {{row: HTMLTableRowElement, fill: (one: Machine) => void}} Row */

/** @param {string} id @returns {Row} */
export function newRow(id) {
  const cells = /** @type {Record<string, HTMLTableCellElement>} */ ({});
  const row = h("tr", { tabindex: "-1", "data-device": id }, COLUMNS.map(({ key, ...column }) => (cells[key] = h("td", {
    "data-label": key === "idle_cost" ? column.name : null,
    class: [column.number ? "number" : "", column.minor ? "minor" : "", column.wide ? "wide" : "", `of-${key}`].filter(Boolean).join(" "),
  }))));
  const lock = h("span", { title: "" });
  const state = h("span", { class: "badge" });
  const risk = h("span");
  const meter = h("meter", { min: "0", max: "1", optimum: "0", "aria-label": t("risk of {machine}", { machine: id }) });
  const alarms = h("span", { class: "count" });
  cells.device_id.append(h("a", { href: link(`/devices/${id}`) }, id), lock);
  cells.shown.append(state);
  cells.risk.append(h("span", { class: "risk" }, risk, meter));
  cells.alarms.append(alarms);
  return {
    row,
    fill(one) {
      setText(lock, one.lock ? " 🔒" : "");
      lock.title = one.lock ? t("Locked out by {name}: {reason}", { name: nameOf(one.lock.holder), reason: one.lock.reason }) : "";
      setText(cells.device_type, typeName(one.device_type));
      setText(cells.line, one.line);
      setText(state, stateName(one.shown));
      state.className = `badge ${one.shown.replaceAll(" ", "-")}`;
      state.title = one.shown === one.state || !one.state ? "" : t("{state} as of {moment}", { state: stateName(one.state), moment: time(one.at ? one.at * 1000 : null) });
      setText(cells.power_watts, kilowatts(isCurrent(one) ? one.power_watts : null));
      setText(risk, percent(one.risk));
      meter.hidden = one.risk === null || one.risk === undefined;
      meter.value = one.risk ?? 0;
      // Red from the model's own threshold on.
      meter.low = meter.high = one.prediction === 1 ? 0.001 : 1;
      setText(cells.idle_cost, price(one.idle_cost));
      alarms.hidden = !one.alarms;
      setText(alarms, one.alarms ? String(one.alarms) : "");
      setText(cells.at, since(one.at));
    },
  };
}

/** Replace the rows of a table's body if they differ, keeping the focus. @param {HTMLElement} body @param {HTMLElement[]} drawn */
export function place(body, drawn) {
  if (drawn.length === body.children.length && drawn.every((row, index) => body.children[index] === row)) return;
  const focused = document.activeElement;
  body.replaceChildren(...drawn);
  if (focused instanceof HTMLElement && body.contains(focused)) focused.focus({ preventScroll: true });
  // Tab reaches one row; from there the arrow keys move to the others.
  if (!body.querySelector("tr[tabindex='0']")) body.querySelector("tr[data-device]")?.setAttribute("tabindex", "0");
}

/** @param {HTMLElement} body @param {HTMLElement | null | undefined} row */
function select(body, row) {
  if (!row?.dataset.device) return;
  body.querySelector("tr[tabindex='0']")?.setAttribute("tabindex", "-1");
  row.setAttribute("tabindex", "0");
  row.focus();
}

/** The row that a navigation key moves to. @param {string} key @param {Element} row @returns {Element | null | undefined} */
function neighbour(key, row) {
  switch (key) {
    case "ArrowDown": return row.nextElementSibling;
    case "ArrowUp": return row.previousElementSibling;
    case "Home": return row.parentElement?.firstElementChild;
    case "End": return row.parentElement?.lastElementChild;
    default: return null;
  }
}

/** Keyboard navigation through the rows, and actions on the selected one.
 * @param {HTMLElement} body @param {Record<string, (id: string) => void>} actions what each key does
 */
export function listenToKeys(body, actions) {
  body.addEventListener("keydown", (event) => {
    const row = event.target;
    // Ignore keys pressed on a link within the row.
    if (!(row instanceof HTMLTableRowElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = neighbour(event.key, row);
    const action = actions[event.key.toLowerCase()];
    if (!next && !action) return;
    event.preventDefault();
    if (next instanceof HTMLElement) select(body, next);
    else if (action && row.dataset.device) action(row.dataset.device);
  });
  body.addEventListener("click", (event) => {
    const clicked = event.target instanceof Element ? event.target : null;
    if (clicked && !clicked.closest("a, button")) select(body, clicked.closest("tr"));
  });
}
