// What the page says, in the language of this browser or of the plant. English sentences are the keys: in English nothing is loaded.

/**
 * @typedef {object} Catalogue
 * @property {string} language
 * @property {string} locale
 * @property {Record<string, string | string[]>} words by the English sentence, after its context and U+0004 if it has one; one for each plural
 */

/** @type {Catalogue} */
const ENGLISH = { language: "en", locale: "en-GB", words: {} };
/** In milliseconds. */
const LONGEST_WAIT = 10_000;
const GAP = /\{(\w+)\}/g;
/** The forms in the order of the catalogues: what is neither one nor few is the last. @type {Record<string, number>} */
const FORMS = { one: 0, few: 1 };

let catalogue = ENGLISH;
let plurals = new Intl.PluralRules("en-GB");

/** Speak the language of a catalogue from now on. @param {Catalogue} [spoken] */
export function speak(spoken = ENGLISH) {
  catalogue = spoken;
  plurals = new Intl.PluralRules(spoken.locale);
}

export const locale = () => catalogue.locale;
export const words = () => catalogue.words;

/** @param {string} sentence @param {Record<string, unknown>} gaps */
const filled = (sentence, gaps) => sentence.replace(GAP, (gap, name) => (name in gaps ? String(gaps[name]) : gap));

/** Say a sentence with its `{gaps}` filled in. @param {string} sentence @param {Record<string, unknown>} [gaps] */
export function t(sentence, gaps = {}) {
  const said = catalogue.words[sentence];
  return filled(typeof said === "string" ? said : sentence, gaps);
}

/** Say a sentence about `{n}` things. @param {string} one @param {string} many @param {number} n @param {Record<string, unknown>} [gaps] */
export function tn(one, many, n, gaps = {}) {
  const form = plurals.select(n);
  const said = catalogue.words[one];
  const sentence = Array.isArray(said) ? said[Math.min(FORMS[form] ?? said.length, said.length - 1)] : form === "one" ? one : many;
  return filled(sentence, { n, ...gaps });
}

/** Say a word that means different things. @param {string} context @param {string} word */
export function tc(context, word) {
  const said = catalogue.words[`${context}\u0004${word}`];
  return typeof said === "string" ? said : word;
}

/** A number with as many decimals; `grouped` separates thousands. @param {number} value @param {number} digits @param {boolean} [grouped] */
export const decimal = (value, digits, grouped = false) =>
  value.toLocaleString(catalogue.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: grouped });

/** This page in another language: what else its address says stays, such as a filter or the code of a sign-in link. @param {string} address @param {string} language */
export function inLanguage(address, language) {
  const there = new URL(address);
  there.searchParams.set("lang", language);
  return there.href;
}

/** @param {string} address */
async function load(address) {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(LONGEST_WAIT) });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
    speak(await answer.json());
  } catch (error) {
    console.warn("the words of this page could not be loaded", error);
    document.querySelector("#words-missing")?.removeAttribute("hidden");
  }
}

/** @param {Document} page */
async function start(page) {
  for (const link of page.querySelectorAll("a[data-language]")) {
    link.addEventListener("click", () => link.setAttribute("href", inLanguage(page.URL, link.getAttribute("data-language") ?? "")));
  }
  const address = page.documentElement.dataset.words;
  if (address) await load(address);
}

// A page in English is better than none: what cannot be loaded is left out, and the page says so.
if (globalThis.document) await start(document);
