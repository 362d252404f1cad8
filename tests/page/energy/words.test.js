import assert from "node:assert/strict";
import { test } from "node:test";

import { cost, coverage, dayAt, energy, inUnit, money, partsOf, period, sentence, shifted, totals } from "../../../control_api/web/static/page/energy/words.js";

const TODAY = "2028-03-05";

/** @param {object} fields @returns {any} */
const row = (fields) => ({
  start: "", name: null, kwh: 2, cost: 0.5, idle_kwh: 0.5, idle_cost: 0.125, suspect_kwh: 0, unpriced_kwh: 0,
  measured_seconds: 900, bridged_seconds: 0, estimated_seconds: 0, imported_seconds: 0, corrected_seconds: 0, unknown_seconds: 0, since: null, ...fields,
});

test("periods are those of the calendar, and weeks begin on Monday", () => {
  assert.deepEqual(period("day", "2028-02-29"), { first: "2028-02-29", last: "2028-02-29" });
  assert.deepEqual(period("week", "2028-03-05"), { first: "2028-02-28", last: "2028-03-05" });
  assert.deepEqual(period("month", "2028-02-10"), { first: "2028-02-01", last: "2028-02-29" });
  assert.deepEqual(period("year", "2028-02-10"), { first: "2028-01-01", last: "2028-12-31" });
});

test("the period before and the one after follow without a gap", () => {
  assert.equal(shifted("month", "2028-03-31", -1), "2028-02-29");
  assert.equal(shifted("week", "2028-02-28", 1), "2028-03-06");
  assert.equal(shifted("year", "2028-02-28", 1), "2029-01-01");
  assert.deepEqual(["day", "week", "month", "year"].map((kind) => partsOf(/** @type {any} */ (kind))), ["hour", "day", "day", "month"]);
});

test("the plant's day is that of its zone", () => {
  const moment = Date.parse("2028-03-05T23:30:00Z");
  assert.equal(dayAt(moment, "Europe/Berlin"), "2028-03-06");
  assert.equal(dayAt(moment, "America/Chicago"), "2028-03-05");
});

test("rows add up by name, the largest first, and what is not known adds nothing", () => {
  const found = totals([row({ name: "a" }), row({ name: "b", kwh: 9 }), row({ name: "a", kwh: null, idle_kwh: null, unknown_seconds: 900 })]);
  assert.deepEqual(found.map(({ name, kwh, idle_kwh }) => [name, kwh, idle_kwh]), [["b", 9, 0.5], ["a", 2, 0.5]]);
  assert.deepEqual(totals([row({ kwh: null, cost: null })]).map(({ kwh, cost: of }) => [kwh, of]), [[null, null]]);
});

test("an amount of a meter has its own unit", () => {
  assert.deepEqual([inUnit(1234.5, "m³"), inUnit(2.25, "m³"), inUnit(null, "m³"), inUnit(412, "kWh")], ["1,235 m³", "2.3 m³", "–", energy(412)]);
});

test("what is not known is a dash and never a zero", () => {
  assert.deepEqual([energy(null), money(null, "EUR"), energy(NaN)], ["–", "–", "–"]);
  assert.equal(sentence("Today", totals([row({ kwh: null })])[0], "EUR", TODAY), "Today: not known yet.");
  assert.equal(sentence("Today", undefined, "EUR", TODAY), "Today: not known yet.");
});

test("energy and money have as many digits as people need", () => {
  assert.deepEqual([0, 12.34, 1234.5, 123_456_7].map(energy), ["0.0 kWh", "12.3 kWh", "1,235 kWh", "1,235 MWh"]);
  assert.equal(money(1234.5, "EUR"), "1,234.50 EUR");
  assert.equal(cost({ cost: 1, unpriced_kwh: 12 }, "EUR"), "1.00 EUR and 12.0 kWh without a price");
});

test("coverage names what is not measured", () => {
  const seconds = { measured: 982, bridged: 0, estimated: 11, imported: 0, corrected: 0, unknown: 7 };
  const known = (/** @type {any} */ parts) => coverage({ seconds: { ...seconds, ...parts }, since: null }, TODAY);
  assert.equal(known({}), "98.2 % measured, 1.1 % estimated, 0.7 % unknown");
  assert.equal(known({ estimated: 0, unknown: 0 }), "100 % measured");
  assert.equal(known({ measured: 0, estimated: 0, unknown: 0 }), "–");
});

test("a machine that is new is known since its first reading", () => {
  const known = (/** @type {string} */ since) => sentence("Today", totals([row({ since }), row({})])[0], "EUR", TODAY);
  assert.match(known("2028-03-05T14:05:20+01:00"), /; 100 % measured since 14:05\.$/);
  assert.match(known("2028-03-01T14:05:20+01:00"), /; 100 % measured since 2028-03-01 14:05\.$/);
});

test("a machine's day is a sentence", () => {
  assert.equal(sentence("Today", totals([row({})])[0], "EUR", TODAY),
    "Today: 2.0 kWh (0.50 EUR), of which idle 0.5 kWh (0.13 EUR); 100 % measured.");
  assert.equal(sentence("Today", totals([row({ idle_kwh: null })])[0], "EUR", TODAY), "Today: 2.0 kWh (0.50 EUR); 100 % measured.");
});
