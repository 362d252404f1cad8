import assert from "node:assert/strict";
import { test } from "node:test";

import { noiseTitle, onDuty, unreachable, whoWasPaged } from "../../../control_api/web/static/page/alarms/duty_words.js";

const show = (moment) => moment.slice(11, 16);
const duty = (fields) => ({ configured: true, on_duty: [{ who: "maria", lines: [], until: "2026-11-23T18:00:00Z", channels: ["ntfys"] }],
  escalate_to: ["maria", "anna", "otto"], escalate_minutes: 10, unreachable: [], escalations: [], ...fields });

test("who is on duty, until when, and who is next", () => {
  assert.equal(onDuty(duty({}), show), "On duty: maria until 18:00. Without an acknowledgement, after 10 min each: anna, then otto.");
  assert.equal(onDuty(duty({ on_duty: [], escalate_to: [] }), show), "Nobody is on duty.");
  assert.equal(onDuty(duty({ configured: false }), show), "");
});

test("somebody without a channel is named", () => {
  assert.equal(unreachable(duty({})), "");
  assert.equal(unreachable(duty({ unreachable: ["anna"] })), "anna cannot be paged: there is no channel for this person.");
});

test("who was paged about a case, each once, in the order of time", () => {
  const page = (who, at, status, problem = "") => ({ who, at: `2026-11-23T${at}:00Z`, status, problem });
  const one = { case_id: "cnc-0007", due_at: "2026-11-23T10:22:00Z",
    paged: [page("anna", "10:12", "waiting", "ntfys did not take it"), page("maria", "10:02", "sent")] };
  assert.equal(whoWasPaged(one, show), "Paged: maria 10:02 · being paged: anna 10:12 (ntfys did not take it) · next at 10:22");
  assert.equal(whoWasPaged({ ...one, due_at: null, paged: [] }, show), "");
  assert.equal(whoWasPaged(undefined, show), "");
});

test("a week in numbers", () => {
  assert.equal(noiseTitle({ rules: [{ alarms: 1, pages: 3 }, { alarms: 0, pages: 0 }] }), "The last seven days: 1 alarm, 3 pages");
});
