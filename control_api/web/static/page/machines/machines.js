// Machines that come and go: unknown ones with the lines for plant.toml, and what was retired, renamed or removed.
import { t } from "../kit/language.js";
import { get, isAdmin, link, mayAct, post } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask, reasonField } from "../kit/dialog.js";
import { button, h, headRow, labelled, loadingRow, toast } from "../kit/html.js";
import { newestOnly } from "../kit/newest.js";
import { nameOf } from "../kit/words.js";

/** @typedef {import("../service/formats.js").UnknownMachine} UnknownMachine */
/** @typedef {import("../service/formats.js").MachineRecord} MachineRecord */

const UNKNOWN = [t("Machine"), t("Last reading"), t("Add to plant.toml"), ""];
const RECORDS = [t("Machine"), t("What"), t("Who"), t("When"), t("Why")];
/** @type {Record<string, string>} */
const DEEDS = { retired: t("retired"), renamed: t("renamed"), removed: t("removed") };

/** @param {string} id @param {() => void} changed */
function askRetire(id, changed) {
  ask({
    title: t("Retire {machine}?", { machine: id }), confirm: t("Retire it"), danger: true,
    note: t("It leaves fleet, metrics and alerts; its history stays. It is back as soon as it sends again."),
    fields: [reasonField()],
    act: async ({ reason }) => {
      await post(`/api/devices/${id}/retire`, { reason });
      toast(t("{machine} is retired.", { machine: id }), "good");
      changed();
    },
  });
}

/** @param {string} id @param {() => void} changed */
function askRename(id, changed) {
  ask({
    title: t("Rename {machine}", { machine: id }), confirm: t("Rename it"),
    note: t("Its history follows. Its gateway has to send the new id from now on."),
    fields: [{ name: "to", label: t("New id"), input: h("input", { id: "to", required: true, maxlength: "64" }) }, reasonField()],
    act: async ({ to, reason }) => {
      await post(`/api/devices/${id}/rename`, { to, reason });
      toast(t("{machine} is now {id}.", { machine: id, id: to }), "good");
      changed();
    },
  });
}

/** @param {string} id @param {() => void} changed */
function askRemove(id, changed) {
  ask({
    title: t("Remove {machine}?", { machine: id }), confirm: t("Remove it"), danger: true,
    note: t("All its data is deleted: readings, insights, events, energy. This cannot be undone. Type its id to confirm."),
    fields: [{ name: "device_id", label: t("Id"), input: h("input", { id: "device_id", required: true, maxlength: "64" }) }, reasonField()],
    act: async ({ device_id, reason }) => {
      await post(`/api/devices/${id}/remove`, { device_id, reason });
      toast(t("{machine} is removed.", { machine: id }), "good");
      changed();
    },
  });
}

/** @param {UnknownMachine} one @param {() => void} changed */
const unknownRow = (one, changed) => labelled(UNKNOWN, h("tr", { "data-machine": one.device_id },
  h("td", {}, h("a", { href: link(`/devices/${one.device_id}`) }, one.device_id)),
  h("td", {}, one.last_reading_at === null ? t("never") : time(one.last_reading_at)),
  h("td", {}, h("pre", {}, one.toml)),
  h("td", {}, h("div", { class: "row" },
    button(t("Copy"), () => navigator.clipboard.writeText(one.toml).then(() => toast(t("Copied."), "good"))),
    mayAct() ? button(t("Retire …"), () => askRetire(one.device_id, changed)) : null,
    isAdmin() ? button(t("Rename …"), () => askRename(one.device_id, changed)) : null,
    isAdmin() ? button(t("Remove …"), () => askRemove(one.device_id, changed)) : null))));

/** @param {MachineRecord} one */
const recordRow = (one) => labelled(RECORDS, h("tr", {},
  h("td", {}, one.device_id),
  h("td", {}, one.to === null ? DEEDS[one.deed] ?? one.deed : t("{deed} to {id}", { deed: DEEDS[one.deed] ?? one.deed, id: one.to })),
  h("td", {}, nameOf(one.by)),
  h("td", {}, time(one.at)),
  h("td", {}, one.why)));

/** @param {string[]} columns @param {string} text */
const emptyRow = (columns, text) => h("tr", {}, h("td", { class: "quiet", colspan: String(columns.length) }, text));

/** What is done to a machine that plant.toml lists. @param {() => void} changed */
function listedMachine(changed) {
  const id = h("input", { id: "listed-machine", maxlength: "64", required: true });
  /** @param {(id: string, changed: () => void) => void} act */
  const named = (act) => () => { if (id.reportValidity()) act(id.value.trim(), changed); };
  return [h("h2", {}, t("A machine that plant.toml lists")),
    h("p", {}, t("If it was sold or scrapped, retire it; if it gets another id, rename it. Then change plant.toml, and restart the services.")),
    h("div", { class: "row tools" }, h("label", { for: "listed-machine" }, t("Machine")), id,
      button(t("Retire …"), named(askRetire)), isAdmin() ? button(t("Rename …"), named(askRename)) : null)];
}

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
      : [emptyRow(UNKNOWN, t("Every machine that sends is in plant.toml."))]));
    records.replaceChildren(...(done.records.length ? done.records.map(recordRow) : [emptyRow(RECORDS, t("Nothing was retired, renamed or removed."))]));
  };
  const panel = (/** @type {string} */ name, /** @type {string[]} */ columns, /** @type {HTMLElement} */ body) => [h("h2", {}, name),
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": name }, h("table", { class: "stack" }, headRow(columns), body))];
  place.replaceChildren(...panel(t("Seen, not in plant.toml"), UNKNOWN, unknown), ...(mayAct() ? listedMachine(list) : []), ...panel(t("Retired, renamed, removed"), RECORDS, records));
  await list();
}
