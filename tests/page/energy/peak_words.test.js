// The running quarter hour as people read it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { howSure, waits } from "../../../control_api/web/static/page/energy/peak_words.js";

const peak = { known: true, elapsed_seconds: 130, low_kw: 398.2, high_kw: 421.9, past_error_kw: 6.24, limit_kw: 381, above_kw: 31, proposal: null };
const machine = { device_id: "press-0001", why: "idle", saves_watts: 9000, longest_minutes: null };
const proposal = { machines: [machine, { ...machine, device_id: "conv-0001", why: "deferrable", longest_minutes: 20 }], saves_kw: 33.4, is_enough: true, restart_by: "2026-11-23T10:22:00+01:00" };

test("the interval and the past error are said", () => {
  assert.equal(howSure(peak), "Minute 3 of 15. Four of five such forecasts ended between 398 and 422 kW. In the last week, forecasts at this minute were off by 6.2 kW.");
});

test("what is not known yet is said to be so", () => {
  assert.match(howSure({ ...peak, low_kw: null, high_kw: null, past_error_kw: null, limit_kw: null }), /not known yet.*no price of power/);
  assert.equal(howSure({ ...peak, known: false }), "");
});

test("who may wait, for how long, and whether that is enough", () => {
  assert.equal(waits({ ...peak, proposal }), "May wait: press-0001 (idle), conv-0001 (up to 20 min). This takes 33 kW off. That is enough. Start the first one again by 10:22.");
  assert.match(waits(peak), /No machine may wait/);
  assert.equal(waits({ ...peak, above_kw: 0 }), "");
});
