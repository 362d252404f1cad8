// Answers that arrive in another order than they were asked for.
import assert from "node:assert/strict";
import test from "node:test";

import { newestOnly } from "../../../control_api/web/static/page/kit/newest.js";

test("a later question's answer is not overtaken by an earlier one's", async () => {
  const newest = newestOnly();
  /** @type {(value: string) => void} */
  let answerFirst = () => {};
  const first = newest(new Promise((resolve) => { answerFirst = resolve; }));
  assert.equal(await newest(Promise.resolve("yesterday")), "yesterday");
  answerFirst("today");
  assert.equal(await first, null);
});

test("only the failure of the newest request is shown", async () => {
  const newest = newestOnly();
  const first = newest(Promise.reject(new Error("stale")));
  const second = newest(Promise.reject(new Error("now")));
  assert.equal(await first, null);
  await assert.rejects(second, /now/);
});

test("two places ask independently", async () => {
  const [here, there] = [newestOnly(), newestOnly()];
  const first = here(Promise.resolve(1));
  assert.equal(await there(Promise.resolve(2)), 2);
  assert.equal(await first, 1);
});
