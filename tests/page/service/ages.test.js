// How old the shown answers are.
import assert from "node:assert/strict";
import test from "node:test";

import { Ages } from "../../../control_api/web/static/page/service/ages.js";

test("the oldest answer on the page says of when its data is", () => {
  const ages = new Ages();
  ages.note("/api/devices?limit=1000", "41", 1000);
  ages.note("/api/bill?month=2026-10", "600", 1000);
  assert.equal(ages.oldest(), 400);
});

test("a new answer to the same question makes the page new again", () => {
  const ages = new Ages();
  ages.note("/api/energy?from=2026-11-23", "41", 1000);
  ages.note("/api/energy?from=2026-11-24", "0", 1060);
  assert.equal(ages.oldest(), null);
});

test("of answers that arrive together the oldest counts", () => {
  const ages = new Ages();
  ages.note("/api/energy?by=line", "41", 1000);
  ages.note("/api/energy?by=plant", null, 1000.2);
  assert.equal(ages.oldest(), 959);
});

test("seconds are no age", () => {
  const ages = new Ages();
  ages.note("/api/devices", "4", 1000);
  ages.note("/api/cases", null, 1000);
  assert.equal(ages.oldest(), null);
});
