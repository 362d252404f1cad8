// A machine's meter in a sentence. Pure: the day comes as an argument.
import { coverage } from "../energy/words.js";
import { decimal, t } from "../kit/language.js";
import { translated } from "../kit/translated.js";
import { span } from "../kit/words.js";

/** @typedef {import("../service/formats.js").MeterFacts} MeterFacts */

/** @param {number} kwh */
const register = (kwh) => `${decimal(kwh, 1, true)} kWh`;

/**
 * The register, how it is refreshed, how today's energy is known, and what to do if the register is not believed.
 * @param {MeterFacts} meter @param {string} day today, at the plant
 */
export function meterSentence(meter, day) {
  const phrases = [meter.register_kwh === null ? t("no register") : t("register {energy}", { energy: register(meter.register_kwh) })];
  if (meter.in_whole_kwh) phrases.push(t("in whole kWh"));
  if (meter.on_change_only) phrases.push(t("sent on change only"));
  else if (meter.refresh_seconds !== null) phrases.push(t("refreshed every {span}", { span: span(meter.refresh_seconds) }));
  const said = { meter: phrases.join(", "), coverage: coverage({ seconds: meter.known_seconds, since: meter.since }, day) };
  const seconds = Object.values(meter.known_seconds).reduce((all, each) => all + each, 0);
  const sentences = [seconds <= 0 ? t("Meter: {meter}; nothing is counted yet today.", said)
    : meter.since ? t("Meter: {meter}; {coverage}.", said) : t("Meter: {meter}; today {coverage}.", said)];
  if (meter.distrust_text) sentences.push(translated(meter.distrust_text));
  else if (meter.doubt_kwh !== null) {
    sentences.push(t("It currently shows {energy}, which does not fit; the next values will show why.", { energy: register(meter.doubt_kwh) }));
  }
  return sentences.join(" ");
}
