import assert from "node:assert/strict";
import { test } from "node:test";

import { meterSentence } from "../../../control_api/web/static/page/device/meter_words.js";

const TODAY = "2028-03-05";
const SECONDS = { measured: 3600, bridged: 0, estimated: 0, imported: 0, corrected: 0, unknown: 0 };

/** @param {object} fields @returns {any} */
const meter = (fields = {}) => ({
  register_kwh: 48_211.4, in_whole_kwh: false, on_change_only: false, refresh_seconds: 60, distrust: null, distrust_text: null,
  doubt_kwh: null, known_seconds: SECONDS, since: null, ...fields,
});
const said = (/** @type {object} */ fields) => meterSentence(meter(fields), TODAY);

test("a good meter says its register, how it is refreshed, and how today is known", () => {
  assert.equal(said({}), "Meter: register 48,211.4 kWh, refreshed every 60 s; today 100 % measured.");
  assert.equal(said({ refresh_seconds: null }), "Meter: register 48,211.4 kWh; today 100 % measured.");
  assert.equal(said({ in_whole_kwh: true, on_change_only: true }), "Meter: register 48,211.4 kWh, in whole kWh, sent on change only; today 100 % measured.");
});

test("what is not known is said: no register, nothing counted, a machine that is new today", () => {
  assert.match(said({ register_kwh: null, refresh_seconds: null }), /^Meter: no register; today/);
  assert.match(said({ known_seconds: { ...SECONDS, measured: 0 } }), /; nothing is counted yet today\.$/);
  assert.match(said({ since: "2028-03-05T14:05:20+01:00" }), /; 100 % measured since 14:05\.$/);
  assert.match(said({ known_seconds: { ...SECONDS, unknown: 3600 } }), /; today 50\.0 % measured, 50\.0 % unknown\.$/);
});

test("a register that is not believed, or does not fit at present, says so and what to do", () => {
  assert.match(said({ distrust: "leap", distrust_text: "The register leapt. Decide.", doubt_kwh: 0 }), /measured\. The register leapt\. Decide\.$/);
  assert.match(said({ doubt_kwh: 0 }), /It currently shows 0\.0 kWh, which does not fit; the next values will show why\.$/);
});
