// A bill as people read it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { lineFigures, restsOn } from "../../../control_api/web/static/page/energy/bill_words.js";

const line = { kind: "energy", name: "peak", quantity: 930, unit: "kWh", price: 0.31, amount: 288.3, note: "" };
const bill = { kwh: 10, known_ratio: 0.982, estimated_kwh: 0, corrected_kwh: 0, suspect_kwh: 0, invoice: { is_complete: true } };

test("a line has a quantity, a price and an amount to the cent", () => {
  assert.deepEqual(lineFigures(line, "EUR"), ["930.0 kWh", "0.3100 EUR", "288.30 EUR"]);
  assert.deepEqual(lineFigures({ ...line, unit: "months", quantity: 0.5, price: 120 }, "EUR"), ["0.50 months", "120.0000 EUR", "288.30 EUR"]);
  assert.deepEqual(lineFigures({ ...line, unit: "%", quantity: 19, price: 1000, amount: 190 }, "EUR"), ["19 %", "of 1,000.00 EUR", "190.00 EUR"]);
});

test("an unknown price is not zero", () => {
  assert.deepEqual(lineFigures({ ...line, price: null, amount: null }, "EUR"), ["930.0 kWh", "", "not known"]);
});

test("what a bill rests on is said, and what is not on it", () => {
  assert.equal(restsOn(bill), "Energy is known for 98.2 % of the time.");
  assert.match(restsOn({ ...bill, suspect_kwh: 3 }), /3\.0 kWh are suspect and not on this bill/);
  assert.match(restsOn({ ...bill, invoice: { is_complete: false } }), /without the energy whose price is not known/);
  assert.equal(restsOn({ ...bill, kwh: null }), "No energy data for this month.");
});
