import assert from "node:assert/strict";
import { test } from "node:test";

import {
  amount, dayName, expected, formula, kept, method, names, probability, rejected, worth,
} from "../../../control_api/web/static/page/savings/words.js";

/** @param {object} fields @returns {any} */
const saving = (fields = {}) => ({
  days: 20, kwh: 412.3, half_width_kwh: 38.4, cost: 96.4, half_width_cost: 9, confidence: 0.9, adjusted_kwh: 0,
  days_out_of_range: 0, option: "B", method: "Avoided energy", ...fields,
});
/** @param {object} fields @returns {any} */
const measure = (fields = {}) => ({
  state: "open", undone: null, is_broken: false, broken: [], kept_days: 20, baseline: "press-0003 out of shift",
  baseline_version: 2, saving: saving(), expected_kwh: 400, expected_kwh_per_day: 20, ...fields,
});

test("a saving has its interval, and what is not known is no zero", () => {
  assert.equal(amount(saving()), "412 kWh ± 38.4 kWh");
  assert.equal(amount(saving({ half_width_kwh: null })), "412 kWh, uncertainty not known");
  assert.equal(amount(saving({ days: 0 })), "–");
  assert.equal(amount(null), "–");
  assert.equal(worth(saving(), "EUR"), "96.40 EUR ± 9.00 EUR");
  assert.equal(worth(saving({ cost: null }), "EUR"), "–");
});

test("whether a measure is kept is said with the reason", () => {
  assert.equal(kept(measure()), "kept");
  assert.equal(kept(measure({ undone: "The schedule is paused since 3 Nov, by grafana:maria." })),
    "The schedule is paused since 3 Nov, by grafana:maria.");
  assert.equal(kept(measure({ is_broken: true, broken: ["2028-03-04", "2028-03-05"] })),
    "not kept: left on for 2 days, last on 5 Mar 2028");
  assert.equal(kept(measure({ broken: ["2028-03-04"] })), "kept but for 1 day");
  assert.equal(kept(measure({ kept_days: null, saving: null })), "no day is over yet");
  assert.equal(kept(measure({ state: "ended" })), "ended");
});

test("how a saving was found is said in full", () => {
  assert.equal(method(measure({ saving: saving({ adjusted_kwh: 125, days_out_of_range: 3 }) })),
    "Avoided energy; IPMVP option B, energy metered, 20 days, 90 % confidence, baseline “press-0003 out of shift”, version 2, "
    + "adjusted by 125 kWh, 3 of the days are outside the range of the baseline.");
  assert.equal(method(measure({ saving: null, baseline: null })), "There is no baseline from before it began.");
});

test("a model is a formula", () => {
  const terms = /** @type {any} */ ([{ variable: "parts", coefficient: 0.51234 }, { variable: "heat", coefficient: -2 }]);
  assert.equal(formula({ intercept: 117.694, terms }), "energy of a day = 117.7 kWh + 0.5123 × parts \u2212 2 × heat");
  assert.equal(probability(1e-9), "< 0.001");
  assert.deepEqual(rejected({ rejected: [{ variable: "moon", why: "does not matter", p_value: 0.7 },
    { variable: "out", why: "constant", p_value: null }] }), ["moon: does not matter (p = 0.700)", "out: constant"]);
});

test("what a person types is taken apart, and days are written out", () => {
  assert.deepEqual(names(" parts, shift_hours;heat "), ["parts", "shift_hours", "heat"]);
  assert.equal(dayName("2028-11-03"), "3 Nov 2028");
  assert.equal(expected(measure()), "400 kWh");
  assert.equal(expected(measure({ expected_kwh: null })), "20.0 kWh a day");
  assert.equal(expected(measure({ expected_kwh: null, expected_kwh_per_day: null })), "–");
});
