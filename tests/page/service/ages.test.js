// How old the shown answers are.
import assert from "node:assert/strict";
import test from "node:test";

import { Ages } from "../../../control_api/web/static/page/service/ages.js";

test("the oldest answer on the page says what time its data is from", () => {
  const ages = new Ages();
  ages.note("/api/devices?limit=1000", "41", 1000);
  ages.note("/api/bill?month=2026-10", "600", 1000);
  assert.equal(ages.oldest(), 400);
});

test("a new answer to the same question makes the page new again", () => {
  const ages = new Ages();
  ages.note("/api/energy?from=2026-11-23", "41", 1000);
  ages.note("/api/energy?from=2026-11-24", null, 1060);
  assert.equal(ages.oldest(), null);
});

test("of answers that arrive together the oldest counts", () => {
  const ages = new Ages();
  ages.note("/api/energy?by=line", "41", 1000);
  ages.note("/api/energy?by=plant", null, 1000.2);
  assert.equal(ages.oldest(), 959);
});

test("every answer that is given again is reported, however young", () => {
  const ages = new Ages();
  ages.note("/api/cases", null, 1000);
  assert.equal(ages.oldest(), null);
  ages.note("/api/devices", "0", 1000);
  assert.equal(ages.oldest(), 1000);
});

test("the same answer stays from the same moment, although its age is rounded", () => {
  const ages = new Ages();
  ages.note("/api/devices", "41", 1000.4);
  ages.note("/api/devices", "51", 1011.3);
  assert.equal(ages.oldest(), 959.4);
  ages.note("/api/devices", "20", 1040);
  assert.equal(ages.oldest(), 1020);
});
