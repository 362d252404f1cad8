// The running quarter hour: how it ends, what that costs, and which machines may wait.
import { decimal, t } from "../kit/language.js";
import { get, mayAct } from "../service/api.js";
import { askToStop } from "../orders/bulk.js";
import { time } from "../kit/clock.js";
import { translated } from "../kit/translated.js";
import { money } from "./words.js";
import { attempt, button, h, labelled, headRow, setText } from "../kit/html.js";
import { howSure, waits } from "./peak_words.js";

/** @typedef {import("../service/formats.js").PeakNow} PeakNow */
/** @typedef {import("../service/formats.js").Quarter} Quarter */

const AGAIN = 10_000;
const AVOIDED = [t("Quarter hour"), t("Forecast"), t("Ended at"), t("Avoided"), "", t("Stopped")];
const kilowatts = (/** @type {number | null} */ kw) => (kw === null ? "" : `${decimal(kw, 1)} kW`);

/** @param {Quarter} one @param {string} currency */
const avoidedRow = (one, currency) => labelled(AVOIDED, h("tr", {}, h("td", {}, time(one.start)),
  h("td", { class: "number" }, kilowatts(one.forecast_before_kw)), h("td", { class: "number" }, kilowatts(one.kw)),
  h("td", { class: "number" }, kilowatts(one.avoided_kw)), h("td", { class: "number" }, money(one.avoided_cost, currency)),
  h("td", {}, one.stopped.join(", "))));

/** The section; it asks again every ten seconds as long as it is on the page. */
export function peakSection() {
  const sentence = h("strong");
  const sure = h("p", { class: "quiet" });
  const may = h("p");
  const tools = h("div", { class: "row tools" });
  const rows = h("tbody");
  const table = h("table", { class: "stack", hidden: true }, headRow(AVOIDED), rows);
  const element = h("section", { class: "panel", tabindex: "0", "aria-label": t("Running quarter hour"), id: "peak" },
    h("h2", {}, t("Running quarter hour")), h("p", { "aria-live": "polite" }, sentence), sure, may, tools, table);

  async function draw() {
    const peak = /** @type {PeakNow} */ (await get("/api/peak"));
    const { quarters } = /** @type {{quarters: Quarter[]}} */ (await get("/api/peak/avoided?limit=10"));
    setText(sentence, translated(peak.sentence));
    setText(sure, howSure(peak));
    setText(may, waits(peak));
    const ids = peak.proposal?.machines.map((each) => each.device_id) ?? [];
    tools.replaceChildren(...(ids.length && mayAct()
      ? [button(t("Preview the shutdown …"), () => attempt(askToStop(ids, `quarter hour: ${peak.sentence}`.slice(0, 200))))] : []));
    rows.replaceChildren(...quarters.map((one) => avoidedRow(one, peak.currency)));
    table.hidden = quarters.length === 0;
  }

  async function follow() {
    await draw();
    setTimeout(() => { if (element.isConnected) attempt(follow()); }, AGAIN);
  }
  return { element, follow };
}
