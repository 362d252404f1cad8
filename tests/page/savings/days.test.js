import assert from "node:assert/strict";
import { test } from "node:test";

import { columns } from "../../../control_api/web/static/page/savings/days.js";

/** @param {string} day @param {number} cusum_kwh */
const point = (day, cusum_kwh) => ({ day, actual_kwh: 10, expected_kwh: 12, cusum_kwh, in_range: true });

test("a day that does not count is a gap in the lines", () => {
  const { at, used, expected, cusum } = columns([point("2028-03-06", -2), point("2028-03-07", -4), point("2028-03-10", -6)]);
  assert.deepEqual(used, [10, 10, null, 10]);
  assert.deepEqual(expected, [12, 12, null, 12]);
  assert.deepEqual(cusum, [-2, -4, null, -6]);
  assert.deepEqual(at.map((one) => (one - at[0]) / 86400), [0, 1, 2, 4]);
});

test("without a day there is nothing to draw", () => {
  assert.deepEqual(columns([]).at, []);
});
