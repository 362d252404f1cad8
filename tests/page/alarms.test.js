import assert from "node:assert/strict";
import { test } from "node:test";

import { remarks, spaced, usableLinks } from "../../control_api/web/static/page/alarm_words.js";

test("a rule is called by words", () => {
  assert.deepEqual(["FailureRiskCritical", "device_silent"].map(spaced), ["Failure risk critical", "Device silent"]);
});

test("without Grafana no link leads to it, nor to Prometheus' own pages", () => {
  const links = { rule: "http://h/prometheus/graph?g0.expr=x", dashboard: "/d/device", runbook: "/control/runbook#x" };
  assert.deepEqual(usableLinks(links, false).map(([name]) => name), ["runbook"]);
  assert.deepEqual(usableLinks(links, true).map(([name]) => name), ["rule", "dashboard", "runbook"]);
});

test("what people said of this occurrence is shown, the oldest first", () => {
  const entry = (text, fields) => ({ text, by: "maria", deed: "commented", episode: 2, ...fields });
  const log = [entry("second"), entry("first"), entry("", { deed: "acknowledged" }), entry("fired", { by: "rule" }), entry("before", { episode: 1 })];
  assert.deepEqual(remarks(log, 2).map((one) => one.text), ["first", "second"]);
});
