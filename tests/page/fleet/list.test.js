import assert from "node:assert/strict";
import { test } from "node:test";

import { useSilence } from "../../../control_api/web/static/page/kit/clock.js";
import { countSentence, lineTotals, machineOf, needsAttention, silenceSentence, totals, wanted } from "../../../control_api/web/static/page/fleet/list.js";

const NOW = 1_800_000_000;
const ALL = { text: "", line: "", type: "", state: "", sort: "device_id", descending: false, wall: "" };
useSilence("300");

const machine = (device_id, { facts, alarms = 0, age = 1, ...known } = {}) => machineOf(
  { device_id, state: "running", at: age === null ? null : NOW - age, risk: 0.1, prediction: 0, power_watts: 1000, ...known },
  { device_type: "press", line: "line-a", ...facts }, alarms, undefined, NOW);
const ids = (machines) => machines.map((one) => one.device_id);

test("the search is for a part of the name, the type or the line", () => {
  const fleet = [machine("press-1"), machine("drill-1", { facts: { device_type: "drill", line: "line-b" } })];
  for (const text of ["DRILL", "line-b ", "l-1"]) assert.deepEqual(ids(wanted(fleet, { ...ALL, text })), ["drill-1"]);
});

test("what is not known comes last either way", () => {
  const fleet = [machine("a", { risk: 0.2 }), machine("b", { risk: null }), machine("c", { risk: 0.9 })];
  assert.deepEqual(ids(wanted(fleet, { ...ALL, sort: "risk", descending: true })), ["c", "a", "b"]);
  assert.deepEqual(ids(wanted(fleet, { ...ALL, sort: "risk" })), ["a", "c", "b"]);
});

test("the wall shows what needs attention, alarms first", () => {
  const fleet = [machine("calm"), machine("risky", { risk: 0.9, prediction: 1 }), machine("failed", { state: "failed" }), machine("alarm", { alarms: 1 })];
  assert.deepEqual(ids(wanted(fleet, { ...ALL, wall: "1" })), ["alarm", "failed", "risky"]);
});

test("a failure of a year ago needs no attention today, one that fell silent does", () => {
  assert.equal(needsAttention(machine("old", { state: "failed", age: 365 * 86_400 })), false);
  assert.equal(needsAttention(machine("quiet", { state: "failed", age: 600 })), true);
});

test("silent machines are counted as silent, and add no power", () => {
  const sums = totals([machine("a"), machine("b", { age: 600, prediction: 1 }), machine("c", { age: 365 * 86_400 })]);
  assert.deepEqual([sums.states.running, sums.states.silent, sums.power, sums.risky], [1, 1, 1000, 0]);
});

test("how many are at risk of failing is not known while the model has said nothing, and not zero", () => {
  assert.equal(totals([machine("a", { risk: null, prediction: null })]).risky, null);
  assert.equal(totals([machine("a", { risk: null, prediction: null }), machine("b")]).risky, 0);
});

test("the power of a fleet that does not report is not known, and not zero", () => assert.equal(totals([machine("a", { age: 600 })]).power, null));

test("what the service calls silent is silent, before it is old here", () => {
  const sums = totals([machine("a"), machine("b", { silent: true, age: 20, prediction: 1 }), machine("c", { silent: false, age: 20 })]);
  assert.deepEqual([sums.states.running, sums.states.silent, sums.power, sums.risky], [2, 1, 2000, 0]);
});

test("a sentence says which machines are not counted, or the time of all values", () => {
  const say = (...fleet) => silenceSentence(fleet, (milliseconds) => `${(milliseconds / 1000) - NOW} s`);
  const [heard, old, never] = [machine("a"), machine("c", { age: 365 * 86_400 }), machine("d", { age: null })];
  const silent = (age) => machine("b", { silent: true, age });
  assert.equal(say(heard, old, never), "");
  assert.equal(say(heard, silent(20)), "1 machine is silent and not counted; it may still be running.");
  assert.equal(say(heard, silent(20), silent(30)), "2 machines are silent and not counted; they may still be running.");
  assert.equal(say(silent(30), silent(20), old, never), "No machine is reporting. All values are as of -20 s.");
});

test("a state that was reported without a reading is shown", () => assert.equal(machine("a", { age: null, state: "stopped" }).shown, "stopped"));

test("the count is a sentence", () => {
  assert.equal(countSentence(600, 700, 500, false), "600 of 700 machines, the first 500 are shown");
  assert.equal(countSentence(1, 7, 8, true), "1 of 7 machines needs attention");
  assert.equal(countSentence(0, 7, 8, true), "None of 7 machines need attention");
});

test("what is at risk is the probability times what a failure costs, of machines that are at risk of failing", () => {
  const facts = { failure_cost: 1000 };
  const sums = totals([machine("a", { risk: 0.8, prediction: 1, facts }), machine("b", { risk: 0.3, facts }), machine("c", { risk: 0.9, prediction: 1 })]);
  assert.equal(sums.atRisk, 800);
  assert.equal(totals([machine("c", { risk: 0.9, prediction: 1 })]).atRisk, null);
});

test("lines are sorted by what their idling costs, and what is not known is no zero", () => {
  const total = (kwh, idle_cost) => ({ kwh, cost: kwh / 4, idle_cost });
  const today = new Map([["a", total(4, 1)], ["b", total(8, 3)], ["c", total(2, 1)]]);
  const line = (name) => ({ line: name });
  const lines = lineTotals([machine("a", { facts: line("x") }), machine("b", { facts: line("y") }), machine("c", { facts: line("x") }),
    machine("d", { facts: line("z") })], today);
  assert.deepEqual(lines.map((one) => [one.line, one.machines, one.kwh, one.cost, one.idle_cost]),
    [["y", 1, 8, 2, 3], ["x", 2, 6, 1.5, 2], ["z", 1, null, null, null]]);
});
