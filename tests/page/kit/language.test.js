import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { decimal, inLanguage, speak, t, tc, tn } from "../../../control_api/web/static/page/kit/language.js";
import { translated } from "../../../control_api/web/static/page/kit/translated.js";

const POLISH = { language: "pl", locale: "pl-PL", words: {
  "{n} machine": ["{n} maszyna", "{n} maszyny", "{n} maszyn"], "Hello {name}": "Cześć {name}", "state\u0004idle": "bieg jałowy",
  "told\u0004temperature": "temperatura", "told\u0004{signal} rising {value} in {span}": "{signal}: wzrost o {value} w ciągu {span}",
  "told\u0004{device_id} has failed": "{device_id}: awaria", "told\u0004Stop it.": "Zatrzymaj.",
} };

afterEach(() => speak());

test("English needs no catalogue", () => {
  assert.equal(t("Hello {name}", { name: "Maria" }), "Hello Maria");
  assert.deepEqual([1, 2].map((n) => tn("{n} machine", "{n} machines", n)), ["1 machine", "2 machines"]);
  assert.equal(tc("state", "idle"), "idle");
  assert.equal(decimal(1234.56, 1), "1234.6");
  assert.equal(translated("cnc-0001 has failed"), "cnc-0001 has failed");
});

test("Polish has three forms", () => {
  speak(POLISH);
  assert.deepEqual([1, 3, 5, 12, 22].map((n) => tn("{n} machine", "{n} machines", n)),
    ["1 maszyna", "3 maszyny", "5 maszyn", "12 maszyn", "22 maszyny"]);
  assert.equal(tc("state", "idle"), "bieg jałowy");
  assert.equal(decimal(1234.56, 1), "1234,6");
});

test("what the catalogue lacks is said in English", () => {
  speak(POLISH);
  assert.equal(t("Nobody."), "Nobody.");
});

test("sentences of services are known with their gaps, which are words too", () => {
  speak(POLISH);
  assert.equal(translated("temperature rising 3.2 °C in 15 min"), "temperatura: wzrost o 3,2 °C w ciągu 15 min");
  assert.equal(translated("cnc-0001 has failed. Something else. Stop it."), "cnc-0001 has failed. Something else. Zatrzymaj.");
  assert.equal(translated("cnc-0001 has failed"), "cnc-0001: awaria");
  assert.equal(translated("cnc-1.5 has failed"), "cnc-1.5: awaria");
  assert.equal(translated("temperature rising 12,345.6 °C in 15 min"), "temperatura: wzrost o 12\u00a0345,6 °C w ciągu 15 min");
});

test("a page in another language keeps the rest of its address", () => {
  assert.equal(inLanguage("http://plant/control/alarms?case=a%2Fb&lang=de", "pl"), "http://plant/control/alarms?case=a%2Fb&lang=pl");
  assert.equal(inLanguage("http://plant/control/sign-in?next=%2Falarms#code=x_1", "de"), "http://plant/control/sign-in?next=%2Falarms&lang=de#code=x_1");
});
