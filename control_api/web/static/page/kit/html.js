// Creates elements without markup in strings: text from machines and people stays text.
import { t } from "./language.js";
import { money } from "../energy/words.js";

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page lacks #${id}`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, any>} [properties] attributes, properties, and listeners as `onclick`
 * @param {...any} children elements and texts, in lists or not; null and undefined are left out
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") Object.assign(element, { [key]: value });
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Money in the currency of the plant's tariff. @param {number | null | undefined} amount */
export const price = (amount) => money(amount, document.documentElement.dataset.currency ?? "");

/** @param {string} word @param {string} [name] the word in the page's language */
export const badge = (word, name = word) => h("span", { class: `badge ${word}` }, name);

/** A list item for an empty list. @param {string} text */
export const none = (text) => h("li", { class: "quiet" }, text);

/** Nobody looks at "Loading …" for longer than this. */
const LOADING = 20_000;
/** Let an element say that its content is on the way, and after a while that it did not come.
 * @template {Element} E
 * @param {E} element @param {number} [patience]
 * @returns {E}
 */
export function loading(element, patience = LOADING) {
  const text = t("Loading …");
  setText(element, text);
  setTimeout(() => {
    if (element.isConnected && element.textContent === text) setText(element, t("No answer yet: the service or its database is slow. Reload the page to try again."));
  }, patience);
  return element;
}

/** The row of a table whose content has not been loaded yet, which differs from an empty table. */
export const loadingRow = () => h("tr", {}, loading(h("td", { class: "quiet" })));

/** @param {string} name @param {() => unknown} onclick @param {string} [kind] */
export const button = (name, onclick, kind = "") => h("button", { type: "button", class: kind, onclick }, name);

/** The head row of a table. @param {readonly string[]} names */
export const headRow = (names) => h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name))));

/** Label each cell with its column, because a row becomes a list on a phone. @param {readonly string[]} names @param {HTMLTableRowElement} row */
export function labelled(names, row) {
  [...row.children].forEach((cell, index) => { if (names[index]) cell.setAttribute("data-label", names[index]); });
  return row;
}

/** @param {string} text @param {string} [kind] */
export function toast(text, kind = "") {
  const message = h("div", { class: `toast ${kind}` }, text);
  byId("toasts").append(message);
  setTimeout(() => message.remove(), 8000);
}

/** Show an error as a message, where there is no better place. @param {Promise<unknown>} promise */
export const attempt = (promise) => promise.catch((error) => toast(error.message, "bad"));

/** Draw at most once per frame, however many messages arrive. @param {() => void} draw */
export function soon(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  };
}
