// What a machine's energy and its idling cost today and this month, and what people decided about it.
import { get, mayAct } from "../service/api.js";
import { now, zoneName } from "../kit/clock.js";
import { askCorrection, correctionRows, DECIDED } from "../energy/corrections.js";
import { dayAt, period, sentence, totals } from "../energy/words.js";
import { button, h, headRow, loading, setText } from "../kit/html.js";
import { t } from "../kit/language.js";
import { partsToday } from "../production/words.js";

const PAUSE = 60_000;

/** @param {string} id */
export function deviceEnergy(id) {
  const today = loading(h("p"));
  const month = h("p", {});
  const parts = h("p", {});
  const waits = h("p", { class: "note", hidden: true });
  const decided = h("tbody");
  const decisions = h("details", { hidden: true }, h("summary", {}, t("Decisions")), h("table", { class: "stack" }, headRow(DECIDED), decided));
  async function fill() {
    const day = dayAt(now(), zoneName);
    const { first } = period("month", day);
    /** @param {string} from @param {"day" | "year"} resolution one row of each */
    const read = async (from, resolution) => get(
      `/api/energy?by=machine&device_id=${encodeURIComponent(id)}&from=${from}&to=${day}&resolution=${resolution}`);
    const [ofDay, ofMonth] = await Promise.all([read(day, "day"), read(first, "year")]);
    const whole = totals(ofMonth.rows)[0];
    setText(today, sentence(t("Today"), totals(ofDay.rows)[0], ofDay.currency, day));
    setText(parts, partsToday(ofDay.rows[0]));
    setText(month, sentence(t("This month"), whole, ofMonth.currency, day));
    waits.hidden = !whole || whole.suspect_kwh === 0;
    const { corrections } = await get(`/api/energy/corrections?device_id=${encodeURIComponent(id)}`);
    decisions.hidden = corrections.length === 0;
    decided.replaceChildren(...correctionRows(corrections, again));
    setText(waits, t("Some of its energy is suspect and counts nowhere: decide on the page Energy."));
  }
  // What cannot be read is not mentioned here: a lost connection is shown above.
  const again = () => { fill().catch(() => {}); };
  setInterval(again, PAUSE);
  fill().catch(() => setText(today, t("Energy cannot be read now.")));
  return h("section", { class: "panel" }, h("h2", {}, t("Energy")), today, month, parts, waits,
    mayAct() ? button(t("Correct …"), () => askCorrection(id, dayAt(now(), zoneName), again)) : null, decisions);
}
