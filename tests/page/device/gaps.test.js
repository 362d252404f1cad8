import assert from "node:assert/strict";
import { test } from "node:test";

import { withGaps } from "../../../control_api/web/static/page/device/gaps.js";

test("no line crosses the minutes without a reading", () => {
  const [times, values] = withGaps([0, 1, 2, 3, 203, 204], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(times, [0, 1, 2, 3, 103, 203, 204]);
  assert.deepEqual(values, [1, 2, 3, 4, null, 5, 6]);
});

test("a reading a minute is no gap, nor is one that came late", () => {
  const times = [0, 60, 120, 300, 360], values = [1, 2, null, 4, 5];
  assert.deepEqual(withGaps(times, values), [times, values]);
});

test("nothing, and a single reading, stay as they are", () => {
  assert.deepEqual(withGaps([], []), [[], []]);
  assert.deepEqual(withGaps([7], [1]), [[7], [1]]);
});
