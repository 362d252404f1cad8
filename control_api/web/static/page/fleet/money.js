// What the fleet used and cost today, as a whole and by line, and what is at risk.
import { t } from "../kit/language.js";
import { get } from "../service/api.js";
import { now, zoneName } from "../kit/clock.js";
import { dayAt, energy, totals } from "../energy/words.js";
import { added, lineTotals } from "./list.js";
import { button, h, headRow, labelled, price, setText } from "../kit/html.js";
import { kilowatts } from "../kit/words.js";

/** @typedef {import("../energy/words.js").Total} Total */
/** @typedef {import("./list.js").Machine} Machine */

const PAUSE = 60_000;
const COLUMNS = [t("Line"), t("Machines"), t("Power"), t("Energy today"), t("Cost today"), t("Of it idling"), t("At risk")];

/** Today's energy of each machine. @type {Map<string, Total>} */
export const today = new Map();

async function read() {
  const day = dayAt(now(), zoneName);
  const found = await get(`/api/energy?by=machine&from=${day}&to=${day}&resolution=day`);
  today.clear();
  for (const total of totals(found.rows)) if (total.name !== null) today.set(total.name, total);
}

/** Read today's energy now and once a minute. @param {() => void} changed */
export async function followToday(changed) {
  const again = () => read().then(changed, () => {}); // a banner shows a lost connection
  setInterval(again, PAUSE);
  await again();
}

/** What is at risk, as far as the plant file says what a failure costs. @param {number | null} amount @param {number | null} risky */
const risk = (amount, risky) => (amount === null && risky === 0 ? price(0) : price(amount));

/** The tiles, with a function that fills them. */
export function moneyTiles() {
  const names = { kwh: t("energy today"), cost: t("cost today"), idle_cost: t("cost of idling"), at_risk: t("at risk") };
  const values = Object.fromEntries(Object.keys(names).map((key) => [key, h("div", { class: "value long" }, "–")]));
  const tiles = Object.entries(names).map(([key, name]) => h("div", { class: "tile money",
    title: key === "at_risk" ? t("For machines that are at risk of failing: the probability times what a failure costs ([costs] in plant.toml)") : null },
  h("div", { class: "name" }, name), values[key]));
  /** @param {{atRisk: number | null, risky: number | null}} sums */
  const fill = (sums) => {
    const all = [...today.values()];
    setText(values.kwh, energy(added(all.map((one) => one.kwh))));
    setText(values.cost, price(added(all.map((one) => one.cost))));
    setText(values.idle_cost, price(added(all.map((one) => one.idle_cost))));
    setText(values.at_risk, risk(sums.atRisk, sums.risky));
  };
  return { element: h("div", { class: "tiles" }, tiles), fill };
}

/** The lines and what each costs; a click shows only its machines. @param {(line: string) => void} choose */
export function lineTable(choose) {
  const body = h("tbody");
  const element = h("details", { class: "panel lines" }, h("summary", {}, t("Lines: energy and cost today")),
    h("table", { class: "stack" }, headRow(COLUMNS), body));
  /** @param {Machine[]} machines */
  const fill = (machines) => body.replaceChildren(...lineTotals(machines, today).map((line) => labelled(COLUMNS, h("tr", {},
    h("td", {}, button(line.line, () => choose(line.line))),
    [String(line.machines), kilowatts(line.power), energy(line.kwh), price(line.cost), price(line.idle_cost),
      price(line.atRisk)].map((text) => h("td", { class: "number" }, text))))));
  return { element, fill };
}
