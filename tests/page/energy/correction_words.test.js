import assert from "node:assert/strict";
import { test } from "node:test";

import { countedIn, endOf, holding, quarterNames } from "../../../control_api/web/static/page/energy/correction_words.js";

const quarter = (/** @type {string} */ start, /** @type {number | null} */ kwh = 2) => ({ start, kwh });

test("quarter hours are named by the clock, and by their offset in an hour that comes twice", () => {
  const rows = ["2028-10-29T01:45:00+02:00", "2028-10-29T02:00:00+02:00", "2028-10-29T02:00:00+01:00"].map((start) => quarter(start));
  assert.deepEqual(quarterNames(rows), ["01:45", "02:00 +02:00", "02:00 +01:00"]);
});

test("a quarter hour ends fifteen minutes later", () => {
  assert.equal(endOf("2028-10-29T02:45:00+02:00"), "2028-10-29T01:00:00.000Z");
});

test("what counts in some quarter hours is their sum, or not known", () => {
  const rows = [quarter("", 1), quarter("", null), quarter("", 2)];
  assert.equal(countedIn(rows, 0, 2), 3);
  assert.equal(countedIn(rows, 1, 1), null);
});

test("a decision holds until a later one is about all of its time", () => {
  const decision = (/** @type {any} */ fields) => ({
    correction_id: "1", device_id: "press-1", decision: /** @type {any} */ ("value"), start: "2028-03-05T10:00:00Z", end: "2028-03-05T11:00:00Z", ...fields });
  const older = decision({ correction_id: "old" });
  assert.deepEqual([...holding([older])], ["old"]);
  assert.deepEqual([...holding([decision({ correction_id: "new" }), older])], ["new"]);
  assert.deepEqual([...holding([decision({ correction_id: "part", end: "2028-03-05T10:30:00Z" }), older])], ["part", "old"]);
  assert.deepEqual([...holding([decision({ correction_id: "gone", decision: "withdraw" }), older])], []);
  assert.deepEqual([...holding([decision({ correction_id: "else", device_id: "press-2" }), older])], ["else", "old"]);
});
