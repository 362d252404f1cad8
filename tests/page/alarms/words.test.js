import assert from "node:assert/strict";
import { test } from "node:test";

import { beforeFailure, facts, history, remarks, spaced, usableLinks } from "../../../control_api/web/static/page/alarms/words.js";

test("a rule is called by words", () => {
  assert.deepEqual(["FailureRiskCritical", "device_silent"].map(spaced), ["Failure risk critical", "Device silent"]);
});

test("without Grafana no link leads to it, nor to Prometheus' own pages", () => {
  const links = { rule: "http://h/prometheus/graph?g0.expr=x", dashboard: "/d/device", runbook: "/control/runbook#x" };
  assert.deepEqual(usableLinks(links, false).map(([name]) => name), ["runbook"]);
  assert.deepEqual(usableLinks(links, true).map(([name]) => name), ["rule", "dashboard", "runbook"]);
});

const show = (moment) => moment.slice(11, 16);
const alarm = (fields) => ({ rule: "PressureLost", summary: "PressureLost", opened_at: "2026-11-23T10:00:00Z", cleared_at: null, snoozed_until: null, ...fields });
const aCase = (fields) => ({ opened_at: "2026-11-23T10:00:00Z", cleared_at: null, alarms: [alarm({})], earlier: [], state: "active",
  acknowledged_by: null, assignee: null, verdict: null, finding: null, failed_at: null, warned_at: null, warning: null, ...fields });

test("people's comments are shown, the oldest first, and a finding with the verdict", () => {
  const entry = (text, fields) => ({ text, by: "maria", deed: "commented", ...fields });
  const log = [entry("second"), entry("first"), entry("", { deed: "acknowledged" }), entry("bearing", { deed: "judged" })];
  assert.deepEqual(remarks(log).map((one) => one.text), ["first", "second"]);
});

test("a case says how old it is and who takes care of it", () => {
  const present = Date.parse("2026-11-23T10:48:00Z") / 1000;
  assert.deepEqual(facts(aCase({ acknowledged_by: "grafana:maria", assignee: "link:ben" }), present, show),
    ["for 48 min, since 10:00", "acknowledged by maria", "assigned to ben"]);
  assert.deepEqual(facts(aCase({ state: "cleared", cleared_at: "2026-11-23T10:20:00Z", verdict: "true_alarm", finding: "worn" }), present, show),
    ["from 10:00 to 10:20", "true alarm: worn"]);
});

test("its history is in the order of time", () => {
  const risk = alarm({ summary: "likely to fail", opened_at: "2026-11-23T09:00:00Z", cleared_at: "2026-11-23T10:00:00Z" });
  assert.deepEqual(history(aCase({ earlier: [risk] }), show), ["09:00: likely to fail, until 10:00", "10:00: Pressure lost"]);
});

test("a failure says what was predicted, and when nothing was", () => {
  const failed = { failed_at: "2026-11-23T10:48:00Z" };
  assert.equal(beforeFailure(aCase({}), show), null);
  assert.equal(beforeFailure(aCase(failed), show), "No warning came before this failure.");
  assert.equal(beforeFailure(aCase({ ...failed, warned_at: "2026-11-23T10:00:00Z", warning: "cnc-0007 is about to fail: 92 %" }), show),
    "Predicted 48 min before it failed, at 10:00: cnc-0007 is about to fail: 92 %.");
});
