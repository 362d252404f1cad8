// Sentences that services send in English (alarms, recommendations, reasons), said in the page's language. Pure but for the catalogue.
// The catalogues have them in the context "told", with gaps; what they do not know is shown as it was sent (energytrack/languages/service_sentences.py).
import { decimal, words } from "./language.js";

/** @typedef {{english: RegExp, said: string}} Pattern */
/** @typedef {{whole: Map<string, string>, gapped: Pattern[]}} Known */

const CONTEXT = "told\u0004";
const GAP = /\{(\w+)\}/g;
/** What may stand in a gap: not the end of a sentence and the next one. */
const FILLED = "(?:(?!\\. ).)+?";
/** The gaps with numbers; names with digits stay as they are. */
const MEASURED = new Set(["value", "number", "span", "share", "limit", "cost"]);
const NUMBER = /\d+(?:,\d{3})*(?:\.(\d+))?/g;
const SENTENCES = /(?<=\.) (?=[A-Z])/;

/** @param {string} english */
const lengthOf = (english) => english.replace(GAP, "").length;

/** @param {string} english */
function expression(english) {
  const parts = english.split(GAP);
  return new RegExp(`^${parts.map((part, i) => (i % 2 ? `(?<${part}>${FILLED})` : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))).join("")}$`);
}

/** @type {{of: object, known: Known} | null} */
let kept = null;

/** The sentences of the catalogue, the most particular first. @returns {Known} */
function known() {
  const catalogue = words();
  if (kept?.of === catalogue) return kept.known;
  const texts = Object.entries(catalogue).filter(([key]) => key.startsWith(CONTEXT))
    .map(([key, said]) => /** @type {[string, string]} */ ([key.slice(CONTEXT.length), String(said)]));
  const hasGaps = (/** @type {[string, string]} */ [english]) => english.search(GAP) >= 0;
  const gapped = texts.filter(hasGaps).sort(([a], [b]) => lengthOf(b) - lengthOf(a))
    .map(([english, said]) => ({ english: expression(english), said }));
  kept = { of: catalogue, known: { whole: new Map(texts.filter((each) => !hasGaps(each))), gapped } };
  return kept.known;
}

/** A sentence that is known as a whole, or with its gaps filled. @param {string} sentence @returns {string | null} */
function one(sentence) {
  const { whole, gapped } = known();
  const same = whole.get(sentence);
  if (same !== undefined) return same;
  for (const { english, said } of gapped) {
    const found = english.exec(sentence)?.groups;
    if (found) return said.replace(GAP, (_, name) => one(found[name]) ?? filled(name, found[name]));
  }
  return null;
}

/** Numbers as the language writes them, and each of several names. @param {string} name @param {string} value */
function filled(name, value) {
  if (!MEASURED.has(name)) return value.split(", ").map((each) => one(each) ?? each).join(", ");
  return value.replace(NUMBER, (number, decimals = "") => decimal(Number(number.replaceAll(",", "")), decimals.length, true));
}

/** Sentence by sentence; what to do stands at the end of a text, and is known as a whole. @param {string} text @returns {string} */
function several(text) {
  for (const [english, said] of known().whole) {
    if (text.endsWith(` ${english}`)) return `${several(text.slice(0, -english.length - 1))} ${said}`;
  }
  return text.split(SENTENCES).map((each) => one(each) ?? each).join(" ");
}

/** Sentences of a service in the page's language; as they were sent where no catalogue knows them. @param {string} text */
export const translated = (text) => (text && known().whole.size ? one(text) ?? several(text) : text);
