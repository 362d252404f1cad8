// What people decided about energy: who, when and why; Editors correct quarter hours that are wrong, and withdraw decisions.
import { t } from "../kit/language.js";
import { get, mayAct, post } from "../service/api.js";
import { time } from "../kit/clock.js";
import { countedIn, DECISIONS, endOf, holding, quarterNames } from "./correction_words.js";
import { ask, reasonField } from "../kit/dialog.js";
import { energy, inUnit } from "./words.js";
import { attempt, button, h, labelled, setText, toast } from "../kit/html.js";
import { machineOrMeter } from "./names.js";
import { newestOnly } from "../kit/newest.js";
import { nameOf } from "../kit/words.js";

/** @typedef {import("../service/formats.js").EnergyRow} EnergyRow */
/** @typedef {import("../service/formats.js").Correction} Correction */

export const DECIDED = [t("When"), t("Machine and time"), t("Decision"), t("Before"), t("After"), t("Who"), t("Why"), ""];

/** @param {Correction} made */
const tell = (made) => toast(t("Decided: {before} before, {after} now.", { before: inUnit(made.before_kwh, made.unit), after: inUnit(made.after_kwh, made.unit) }), "good");

/** @param {Correction} one @param {() => void} decided */
const askWithdrawal = (one, decided) => ask({
  title: t("Withdraw the decision about {machine}?", { machine: one.device_id }),
  note: t("{begin} to {end}: what the meter says will count again. The decision stays in the list.", { begin: time(one.start), end: time(one.end) }),
  confirm: t("Withdraw"),
  fields: [reasonField()],
  act: async ({ reason }) => {
    tell(await post("/api/energy/corrections", { device_id: one.device_id, start: one.start, end: one.end, decision: "withdraw", reason }));
    decided();
  },
});

/** @param {readonly Correction[]} newestFirst @param {() => void} decided */
export function correctionRows(newestFirst, decided) {
  const held = holding(newestFirst);
  return newestFirst.map((one) => labelled(DECIDED, h("tr", {},
    h("td", {}, time(one.decided_at)),
    h("td", {}, machineOrMeter(one), `, ${t("{begin} to {end}", { begin: time(one.start), end: time(one.end) })}`),
    h("td", {}, DECISIONS[one.decision] ?? one.decision),
    h("td", { class: "number" }, inUnit(one.before_kwh, one.unit)), h("td", { class: "number" }, inUnit(one.after_kwh, one.unit)),
    h("td", {}, nameOf(one.decided_by)), h("td", {}, one.reason),
    h("td", {}, mayAct() && held.has(one.correction_id) ? button(t("Withdraw …"), () => askWithdrawal(one, decided)) : null))));
}

/**
 * Asks for the right value of some quarter hours of a day.
 * @param {string} id @param {string} day of the plant, 2026-11-23 @param {() => void} decided
 */
export function askCorrection(id, day, decided) {
  /** @type {EnergyRow[]} */
  let rows = [];
  const newest = newestOnly();
  const date = h("input", { id: "correction-day", type: "date", value: day, max: day, required: true, onchange: () => attempt(fill()) });
  const first = h("select", { id: "first-quarter", required: true, onchange: () => count() });
  const last = h("select", { id: "last-quarter", required: true, onchange: () => count() });
  const counts = h("p", { class: "quiet", "aria-live": "polite" });
  const kwh = h("input", { id: "right-kwh", type: "number", min: "0", step: "any", required: true });

  function count() {
    if (!rows.length) return setText(counts, t("The ledger has no data for this day."));
    if (Number(last.value) < Number(first.value)) last.value = first.value;
    const counted = countedIn(rows, Number(first.value), Number(last.value));
    setText(counts, counted === null ? t("No data for this time.") : t("Counts now: {energy}.", { energy: energy(counted) }));
  }

  /** @param {EnergyRow[]} found */
  function offer(found) {
    rows = found;
    const names = quarterNames(rows);
    for (const select of [first, last]) {
      select.replaceChildren(...rows.map((row, index) => h("option", { value: String(index) }, `${names[index]} (${energy(row.kwh)})`)));
    }
  }

  async function fill() {
    offer([]); // nobody corrects the day before the one that is chosen
    setText(counts, t("Reading the day …"));
    const found = await newest(get(`/api/energy?by=machine&device_id=${encodeURIComponent(id)}&from=${date.value}&to=${date.value}&resolution=15min`));
    if (found === null) return;
    offer(found.rows);
    count();
  }

  ask({
    title: t("Correct the energy of {machine}", { machine: id }),
    note: t("For quarter hours about which you know better than the meter. The meter's value stays on record, and you can withdraw the correction later."),
    confirm: t("Correct"),
    fields: [
      { name: "day", label: t("Day"), input: date },
      { name: "first", label: t("First quarter hour"), input: first },
      { name: "last", label: t("Last quarter hour"), input: last },
      { name: "counts", input: first, row: counts },
      { name: "kwh", label: t("Energy in this time, kWh"), input: kwh },
      reasonField(),
    ],
    act: async (values) => {
      const stretch = { start: rows[Number(values.first)].start, end: endOf(rows[Number(values.last)].start) };
      tell(await post("/api/energy/corrections", { device_id: id, ...stretch, decision: "value", kwh: Number(values.kwh), reason: values.reason }));
      decided();
    },
  });
  attempt(fill());
}
