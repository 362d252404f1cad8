// Machines that come and go: unknown ones with the lines for plant.toml, and what was retired, renamed or removed.
import { get, isAdmin, link, mayAct, post } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask, reasonField } from "../kit/dialog.js";
import { button, h, headRow, labelled, loadingRow, toast } from "../kit/html.js";
import { newestOnly } from "../kit/newest.js";

/** @typedef {import("../service/formats.js").UnknownMachine} UnknownMachine */
/** @typedef {import("../service/formats.js").MachineRecord} MachineRecord */

const UNKNOWN = ["Machine", "Last reading", "Add to plant.toml", ""];
const RECORDS = ["Machine", "What", "Who", "When", "Why"];

/** @param {string} id @param {() => void} changed */
function askRetire(id, changed) {
  ask({
    title: `Retire ${id}?`, confirm: "Retire it", danger: true,
    note: "It leaves fleet, metrics and alerts; its history stays. It is back as soon as it sends again.",
    fields: [reasonField()],
    act: async ({ reason }) => {
      await post(`/api/devices/${id}/retire`, { reason });
      toast(`${id} is retired.`, "good");
      changed();
    },
  });
}

/** @param {string} id @param {() => void} changed */
function askRename(id, changed) {
  ask({
    title: `Rename ${id}`, confirm: "Rename it",
    note: "Its history follows. Its gateway has to send the new id from now on.",
    fields: [{ name: "to", label: "New id", input: h("input", { id: "to", required: true, maxlength: "64" }) }, reasonField()],
    act: async ({ to, reason }) => {
      await post(`/api/devices/${id}/rename`, { to, reason });
      toast(`${id} is ${to} now.`, "good");
      changed();
    },
  });
}

/** @param {string} id @param {() => void} changed */
function askRemove(id, changed) {
  ask({
    title: `Remove ${id}?`, confirm: "Remove it", danger: true,
    note: "All that it left is deleted: readings, insights, events, energy. That cannot be undone. Write its id once more.",
    fields: [{ name: "device_id", label: "Id", input: h("input", { id: "device_id", required: true, maxlength: "64" }) }, reasonField()],
    act: async ({ device_id, reason }) => {
      await post(`/api/devices/${id}/remove`, { device_id, reason });
      toast(`${id} is removed.`, "good");
      changed();
    },
  });
}

/** @param {UnknownMachine} one @param {() => void} changed */
const unknownRow = (one, changed) => labelled(UNKNOWN, h("tr", { "data-machine": one.device_id },
  h("td", {}, h("a", { href: link(`/devices/${one.device_id}`) }, one.device_id)),
  h("td", {}, one.last_reading_at === null ? "never" : time(one.last_reading_at)),
  h("td", {}, h("pre", {}, one.toml)),
  h("td", {}, h("div", { class: "row" },
    button("Copy", () => navigator.clipboard.writeText(one.toml).then(() => toast("Copied.", "good"))),
    mayAct() ? button("Retire …", () => askRetire(one.device_id, changed)) : null,
    isAdmin() ? button("Rename …", () => askRename(one.device_id, changed)) : null,
    isAdmin() ? button("Remove …", () => askRemove(one.device_id, changed)) : null))));

/** @param {MachineRecord} one */
const recordRow = (one) => labelled(RECORDS, h("tr", {},
  h("td", {}, one.device_id),
  h("td", {}, one.to === null ? one.deed : `${one.deed} to ${one.to}`),
  h("td", {}, one.by),
  h("td", {}, time(one.at)),
  h("td", {}, one.why)));

/** @param {string[]} columns @param {string} text */
const emptyRow = (columns, text) => h("tr", {}, h("td", { class: "quiet", colspan: String(columns.length) }, text));

/** @param {HTMLElement} place */
export async function show(place) {
  const unknown = h("tbody", {}, loadingRow());
  const records = h("tbody", {}, loadingRow());
  const newest = newestOnly();
  const list = async () => {
    const answers = await newest(Promise.all([get("/api/machines/unknown"), get("/api/machines/records")]));
    if (answers === null) return;
    const [seen, done] = answers;
    unknown.replaceChildren(...(seen.machines.length ? seen.machines.map((/** @type {UnknownMachine} */ one) => unknownRow(one, list))
      : [emptyRow(UNKNOWN, "Every machine that sends is in plant.toml.")]));
    records.replaceChildren(...(done.records.length ? done.records.map(recordRow) : [emptyRow(RECORDS, "Nothing was retired, renamed or removed.")]));
  };
  const panel = (/** @type {string} */ name, /** @type {string[]} */ columns, /** @type {HTMLElement} */ body) => [h("h2", {}, name),
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": name }, h("table", { class: "stack" }, headRow(columns), body))];
  place.replaceChildren(...panel("Seen, not in plant.toml", UNKNOWN, unknown), ...panel("Retired, renamed, removed", RECORDS, records));
  await list();
}
