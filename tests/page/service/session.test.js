import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { expiryIn, rotate } from "../../../control_api/web/static/page/service/session.js";

let asked = [];
let answer = { ok: true };
beforeEach(() => {
  asked = [];
  globalThis.document = { cookie: "" };
  globalThis.fetch = async (address, { method }) => { asked.push(`${method} ${address}`); return answer; };
});
afterEach(() => { delete globalThis.document; });

test("the cookie that scripts may read says when the token is due", () => {
  assert.equal(expiryIn("a=b; grafana_session_expiry=1800000000; c=d"), 1_800_000_000);
  for (const cookies of ["", "other=1", "grafana_session_expiry=soon"]) assert.equal(expiryIn(cookies), 0);
});

test("many who ask at once rotate once", async () => {
  assert.deepEqual(await Promise.all([rotate(), rotate(), rotate()]), [true, true, true]);
  assert.deepEqual(asked, ["POST /api/user/auth-tokens/rotate"]);
});

test("a session that is over stays over, and the next one may try again", async () => {
  answer = { ok: false };
  assert.equal(await rotate(), false);
  answer = { ok: true };
  assert.equal(await rotate(), true);
});

test("nobody there is no session", async () => {
  globalThis.fetch = async () => { throw new TypeError("failed to fetch"); };
  assert.equal(await rotate(), false);
});
