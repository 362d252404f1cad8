import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, days, kilowatts, likelyComponents, likelyModes, nameOf, number, orderEnd, percent, readable, reason, remainingLife, significant, span, stopOptions } from "../../../control_api/web/static/page/kit/words.js";

const date = () => "on 3 Nov 2025";

test("what is not known is a dash, never a zero and never nan", () => {
  for (const say of [number, significant, percent, kilowatts]) for (const nothing of [null, undefined, NaN]) assert.equal(say(nothing), "–");
});

test("people are called by their name, not by the way they signed in", () => {
  assert.deepEqual(["grafana:maria", "link:Zoë M.", "token:line-a", "schedule:01HX7 of grafana:maria"].map(nameOf), ["maria", "Zoë M.", "line-a", "a schedule of maria"]);
});

test("a share is whole percent, and what is not nothing is not shown as nothing", () => {
  assert.deepEqual([0, 0.004, 0.6272, 0.996, 1].map(percent), ["0 %", "< 1 %", "63 %", "> 99 %", "100 %"]);
});

test("power has one unit that fits", () => {
  assert.deepEqual([158.1, 12.44, 6.049, 0].map(significant), ["158", "12.4", "6.05", "0.00"]);
  assert.deepEqual([0, 732_800, 2_590_000].map(kilowatts), ["0.0 kW", "732.8 kW", "2.59 MW"]);
});

test("an age is shown in its largest sensible unit, and a long one by its date", () => {
  const now = 1_800_000_000;
  const shown = [1, 42, 600, 7200, 3 * 86_400, 365 * 86_400].map((past) => ago(now - past, now, date));
  assert.deepEqual(shown, ["just now", "42 s ago", "10 min ago", "2 h ago", "3 days ago", "on 3 Nov 2025"]);
});

test("a machine whose clock is ahead is named", () => {
  assert.equal(ago(7200, 0, date), "its clock is 2 h ahead");
  assert.equal(ago(60, 0, date), "just now");
});

test("never is not long ago", () => assert.equal(ago(null, 0, date), "never"));

test("a day has an end", () => assert.deepEqual([86_400, 129_600].map(span), ["24 h", "2 days"]));

test("days of the week are read", () => {
  assert.equal(days(["mon", "tue", "wed", "thu", "fri"]), "Mon to Fri");
  assert.equal(days(["sat", "sun"]), "Sat, Sun");
});

test("an order's end is a sentence", () => {
  const order = { action: "shutdown", device_id: "press-0001", status: "expired", detail: "" };
  assert.equal(orderEnd(order), "Shut down press-0001: not answered in time.");
  assert.equal(orderEnd({ ...order, status: "done", detail: "ramped" }), "Shut down press-0001: done (ramped).");
});

test("neither the model's names of features nor too many digits are shown", () => {
  const written = "What speaks for it: codes_24h (97.67%), largest_shift (2%). Inspect the machine within 24 hours.";
  assert.equal(readable(written), "Inspect the machine within 24 hours.");
  assert.equal(readable("cnc-0007 is at risk of failing: 86.43%"), "cnc-0007 is at risk of failing: 86 %");
  assert.equal(readable("signals do not fit together as usual (nan deviations)"), "signals do not fit together as usual");
});

test("a sentence of words stays as it is", () => {
  for (const sentence of ["Main reason: 3 warning codes in 24 h", "0.24 bar below the minimum", "pump_2 leaks: call the shop (again)."]) {
    assert.equal(readable(sentence), sentence);
  }
});

test("a reason says how much of the risk it is", () => {
  assert.equal(reason("3 warning codes in 24 h", 0.3, 0.48), "3 warning codes in 24 h (63 % of the risk)");
  assert.equal(reason("3 warning codes in 24 h", undefined, 0.48), "3 warning codes in 24 h");
});

test("a remaining life has an end only where that is known", () => {
  assert.equal(remainingLife(null), "Remaining life: unknown");
  assert.equal(remainingLife({ at_least_hours: 0.5, at_most_hours: 14 }), "Remaining life: 30 min to 14 h (for 8 of 10 machines in such a state)");
  assert.equal(remainingLife({ at_least_hours: 2, at_most_hours: 2.33 }), "Remaining life: 2 h to 2 h 20 min (for 8 of 10 machines in such a state)");
  assert.equal(remainingLife({ at_least_hours: 0.995, at_most_hours: 10 }), "Remaining life: 1 h to 10 h (for 8 of 10 machines in such a state)");
  assert.equal(remainingLife({ at_least_hours: 13.4, at_most_hours: 71.9 }), "Remaining life: 13 h to 3 days (for 8 of 10 machines in such a state)");
  assert.equal(remainingLife({ at_least_hours: 168, at_most_hours: null }), "Remaining life: at least 7 days (for 8 of 10 machines in such a state)");
});

test("a machine whose failure is certain has no least remaining life", () => {
  assert.equal(remainingLife({ at_least_hours: 0, at_most_hours: null }), "Remaining life: it may fail at any time");
  assert.equal(remainingLife({ at_least_hours: 0, at_most_hours: 5 }), "Remaining life: at most 5 h (for 8 of 10 machines in such a state)");
});

test("likely modes are shown with their shares", () => {
  assert.equal(likelyModes([]), "");
  assert.equal(likelyModes([{ mode: "bearing_wear", share: 0.62 }, { mode: "other", share: 0.2 }]), "If it fails: bearing wear 62 %, other 20 %");
});

test("the part to inspect and the times to stop are shown only where they are known", () => {
  assert.equal(likelyComponents([]) + stopOptions([], () => "", "EUR"), "");
  assert.equal(likelyComponents([{ component: "drive_bearing", share: 0.84 }]), "Inspect first: drive bearing 84 %");
  const options = [{ when: "break", expected_cost: 210.4, at: "12:00" }, { when: "now", expected_cost: 260, at: "11:00" }, { when: "run_on", expected_cost: 850, at: null }];
  assert.equal(stopOptions(options, (at) => at, "EUR"), "Expected cost of stopping it: in the next break (12:00) 210 EUR, now 260 EUR, running on 850 EUR");
  assert.equal(stopOptions(options.slice(1, 2), (at) => at, ""), "Expected cost of stopping it: now 260");
});
