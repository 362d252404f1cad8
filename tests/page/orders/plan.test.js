import assert from "node:assert/strict";
import { test } from "node:test";

import { stepOutcome, planCounts } from "../../../control_api/web/static/page/orders/plan.js";
import { canUndo, undoIsLocked } from "../../../control_api/web/static/page/orders/undo.js";

const order = (fields) => ({
  command_id: "1", batch_id: null, device_id: "press-1", action: "shutdown", status: "done", requested_at: "2026-11-24T10:00:00Z", undoes: null, ...fields,
});
const restart = (fields) => order({ command_id: "2", action: "restart", requested_at: "2026-11-24T11:00:00Z", ...fields });

test("a shutdown that was done can be undone, until the machine was started again", () => {
  assert.equal(canUndo(order(), [order()]), true);
  for (const status of ["requested", "sent", "done"]) assert.equal(canUndo(order(), [restart({ status }), order()]), false);
});

test("a restart that came to nothing, of another machine or before it, leaves it", () => {
  for (const other of [{ status: "refused" }, { device_id: "press-2" }, { requested_at: "2026-11-24T09:00:00Z" }]) {
    assert.equal(canUndo(order(), [restart(other), order()]), true);
  }
});

test("nothing else can be undone", () => {
  assert.equal(canUndo(order({ status: "failed" }), []), false);
  assert.equal(canUndo(restart(), []), false);
});

test("undoing is locked while the machine is, and a batch while all that it stopped, and that still stand, are", () => {
  const lock = (/** @type {string} */ device_id) => ({ device_id });
  assert.equal(undoIsLocked(order(), [order()], []), false);
  assert.equal(undoIsLocked(order(), [order()], [lock("press-2")]), false);
  assert.equal(undoIsLocked(order(), [order()], [lock("press-1")]), true);
  const batch = [order({ batch_id: "b" }), order({ batch_id: "b", device_id: "press-2" }), order({ batch_id: "b", device_id: "press-3", status: "failed" })];
  assert.equal(undoIsLocked(batch[0], batch, [lock("press-1")]), false);
  assert.equal(undoIsLocked(batch[0], batch, [lock("press-1"), lock("press-2")]), true);
  const again = [restart({ device_id: "press-2" }), ...batch];
  assert.equal(undoIsLocked(batch[0], again, [lock("press-1")]), true);
});

test("a plan says what happens to each machine", () => {
  assert.equal(stepOutcome({ ordered: true, why_not: null, saves_watts: 4200 }, "shutdown"), "is shut down, saves 4.2 kW");
  assert.equal(stepOutcome({ ordered: false, why_not: "in mid-cycle", saves_watts: 0 }, "shutdown"), "skipped: it is in mid-cycle");
});

test("what is silent or locked out cannot be overridden", () => {
  const steps = ["in shift", "in mid-cycle", "silent", "locked out", null].map((why_not) => ({ ordered: why_not === null, why_not, saves_watts: 0 }));
  assert.deepEqual(planCounts(steps), { ordered: 1, overridable: 2 });
});
