import assert from "node:assert/strict";
import { test } from "node:test";

import { dateOf, freshness, minuteOf, now, plannedTime, setClock, time, useSilence, useZone } from "../../../control_api/web/static/page/kit/clock.js";

test("times are the plant's, whatever zone the computer is in", () => {
  const noon = Date.UTC(2026, 10, 24, 12) / 1000;
  useZone("Europe/Berlin");
  assert.equal(minuteOf(noon), "13:00");
  useZone("Asia/Kolkata");
  assert.equal(minuteOf(noon), "17:30");
  assert.equal(dateOf(noon + 7 * 3600), "25 Nov 2026");
});

test("the service's clock counts, not the computer's", () => {
  const here = Date.UTC(2026, 0, 1);
  setClock(new Date(here + 3_600_000).toUTCString(), here);
  assert.ok(Math.abs(now() - Date.now() - 3_600_000) < 50);
  setClock(new Date(here + 1000).toUTCString(), here);
  assert.ok(Math.abs(now() - Date.now()) < 50, "a header counts whole seconds");
});

test("an answer without a date changes nothing", () => {
  setClock(null);
  assert.ok(Math.abs(now() - Date.now()) < 50);
});

test("a moment of today is shown by its time, any other with its date", () => {
  useZone("UTC");
  assert.match(time(Date.now()), /^\d\d:\d\d:\d\d$/);
  assert.equal(time("2025-11-03T14:05:00Z"), "3 Nov 2025, 14:05");
  assert.match(plannedTime(new Date().toISOString()), /^\d\d:\d\d$/);
  assert.equal(plannedTime("2025-11-03T14:05:00Z"), "3 Nov 2025, 14:05");
  assert.equal(time(null), "–");
});

test("a machine is silent after a while, and a reading of a year ago is history", () => {
  useSilence("300");
  const shown = [0, 299, 301, 90_000, 365 * 86_400].map((age) => freshness(1e9 - age, 1e9));
  assert.deepEqual(shown, ["reporting", "reporting", "silent", "history", "history"]);
  assert.equal(freshness(null), "never");
});
