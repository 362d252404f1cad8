import assert from "node:assert/strict";
import { test } from "node:test";

import { asked, duration, fromWhom, made, microStops, missing, ofHowMany, partsToday, percent, when, why } from "../../../control_api/web/static/page/production/words.js";

const stop = { start: "2028-03-06T09:05:00+01:00", end: "2028-03-06T09:45:00+01:00", seconds: 1800, is_open: false };
/** @param {object} fields @returns {any} */
const row = (fields = {}) => ({
  oee: null, planned_seconds: 3600, availability: 0.9, parts: 420, scrap: 12, performance: 0.8, quality: 0.97,
  machines: 40, machines_complete: 40, ...fields,
});

test("a time is said as people say it", () => {
  assert.deepEqual([50, 59.6, 240, 3600, 3900].map(duration), ["50 s", "60 s", "4 min", "1 h", "1 h 5 min"]);
});

test("micro-stops are a sentence, of none too", () => {
  assert.deepEqual([microStops(0, 0), microStops(1, 50), microStops(3, 240)],
    ["No micro-stops.", "1 micro-stop took 50 s.", "3 micro-stops took 4 min."]);
});

test("a stop has its hours at the plant, and goes on where it does", () => {
  assert.equal(when(stop), "09:05 to 09:45, 30 min");
  assert.equal(when({ ...stop, is_open: true }), "since 09:05, 30 min");
});

test("a reason says who gave it", () => {
  assert.equal(why({ reason_text: null, given_by: null, note: "", is_planned: false }), "No reason given");
  assert.equal(why({ reason_text: "Breakdown", given_by: null, note: "", is_planned: false }), "Breakdown, reported by the machine");
  assert.equal(why({ reason_text: "No order", given_by: "grafana:maria", note: "until ten", is_planned: true }),
    "No order, planned, until ten, by maria");
});

test("what is not known is no zero, and is named", () => {
  assert.equal(percent(null), "–");
  assert.equal(percent(0.7512), "75.1 %");
  assert.equal(made(row()), "420, 12 rejected");
  assert.equal(made(row({ parts: null })), "–");
  assert.equal(made(row({ estimated_parts: 420, scrap: null })), "about 420, estimated from the current");
  assert.equal(made(row({ estimated_parts: 20 })), "420, 20 of them estimated from the current, 12 rejected");
  assert.equal(missing(row({ oee: 0.7 })), "");
  assert.equal(missing(row({ planned_seconds: 0 })), "no planned time");
  assert.equal(missing(row({ availability: null })), "too little of its time is known");
  assert.equal(missing(row({ parts: null })), "parts are not counted");
  assert.equal(missing(row({ performance: null })), "its ideal cycle is not known");
  assert.equal(missing(row({ quality: null })), "rejected parts are not counted");
  assert.equal(missing(row()), "not known of each machine");
  assert.equal(ofHowMany(row()), "40");
  assert.equal(ofHowMany(row({ machines_complete: 12 })), "12 of 40 known");
});

test("who counted the parts is said", () => {
  assert.equal(fromWhom({ parts_from: ["counter"] }, true), "from its counter");
  assert.equal(fromWhom({ parts_from: ["counter", "events", "file"] }, false), "from their counters and from events and from a file");
  assert.equal(fromWhom({ parts_from: ["current"] }, true), "");
  assert.equal(partsToday(row({ parts_from: ["events"] })), "Parts today: 420, 12 rejected, from events.");
  assert.equal(partsToday(row({ parts_from: ["current"], estimated_parts: 420, scrap: null })),
    "Parts today: about 420, estimated from the current.");
  assert.equal(partsToday(row({ parts: null, parts_from: [] })), "");
  assert.equal(partsToday(undefined), "");
});

test("a line and a day are asked for", () => {
  assert.equal(asked("/api/stops", "", ""), "/api/stops");
  assert.equal(asked("/api/stops", "hall 2", "2028-03-06"), "/api/stops?line=hall+2&from=2028-03-06&to=2028-03-06");
});
