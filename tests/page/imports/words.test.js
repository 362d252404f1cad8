import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords, query, rateWords, storedWords } from "../../../control_api/web/static/page/imports/words.js";

test("a finding is words, and what is not proved says so", () => {
  assert.deepEqual(inWords({ what: "labels", value: "end", why: "24:00" }), ["Rows show", "the end of the interval", "24:00"]);
  assert.deepEqual(inWords({ what: "doubled hour", value: null, why: "once" }), ["doubled hour", "not proved", "once"]);
});

test("only what was said is asked for", () => {
  assert.equal(query("a b.csv", { zone: "", decimal: "," }), "name=a+b.csv&decimal=%2C");
});

test("a price has the contract's currency, and a factor kilograms", () => {
  const rate = /** @type {any} */ ({ kind: "price", values: 24, lowest: -0.0125, highest: 0.103 });
  assert.deepEqual(rateWords(rate, "EUR"), ["Price", "24", "-0.0125 to 0.1030 EUR/kWh"]);
  assert.deepEqual(rateWords({ ...rate, kind: "location", lowest: 0.4 }, "EUR"), ["Emission factor of the grid", "24", "0.4000 to 0.1030 kg CO2e/kWh"]);
});

test("an import of prices is described by their source", () => {
  const one = /** @type {any} */ ({ kwh: null, parts: null, readings: 0, events: 0, rates: 24, market: "imported" });
  assert.equal(storedWords(one), "24 prices and factors, market prices “imported”");
  assert.equal(storedWords({ ...one, market: "" }), "24 emission factors");
});

test("an import is described by what it contained", () => {
  const one = /** @type {any} */ ({ kwh: 24, parts: null, readings: 0, events: 2 });
  assert.equal(storedWords(one), "24.0 kWh, 2 events");
  assert.equal(storedWords({ ...one, kwh: null, parts: 120, events: 0 }), "120 parts");
  assert.equal(storedWords({ ...one, kwh: null, events: 0 }), "nothing");
});
