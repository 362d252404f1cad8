// Unknown machines and pages: says so, and helps to find the right one.
import { t } from "../kit/language.js";
import { get, link } from "../service/api.js";
import { byId, h, none } from "../kit/html.js";
import { newestOnly } from "../kit/newest.js";
import { typeName } from "../kit/words.js";

const READ = 1000;
const MOST = 20;
const SHORTEST = 2;

/** The alphabetic prefix of an id: press of press-0099. @param {string} id */
export const family = (id) => (/^[A-Za-z]{2,}/.exec(id)?.[0] ?? "").toLowerCase();

/** Sorts machines whose id starts with the text before those that match by type or line.
 * @param {import("../service/formats.js").DeviceFacts[]} devices @param {string} text
 */
function namedFirst(devices, text) {
  const begins = (/** @type {{device_id: string}} */ one) => Number(one.device_id.toLowerCase().startsWith(text.toLowerCase()));
  return [...devices].sort((a, b) => begins(b) - begins(a));
}

/** A search for machines. @param {string} begin the initial search text */
function search(begin) {
  const results = h("ul", { class: "plain", "aria-label": t("Machines found") });
  const said = h("p", { class: "quiet", role: "status" });
  const newest = newestOnly();
  async function find(/** @type {string} */ text) {
    const isShort = text.length < SHORTEST;
    const found = await newest(isShort ? Promise.resolve(undefined) : get(`/api/devices?limit=${READ}&text=${encodeURIComponent(text.slice(0, 64))}`));
    if (found === null) return;
    if (isShort) {
      results.replaceChildren();
      said.textContent = t("Type at least two letters of a machine's name, type or line.");
      return;
    }
    const more = found.total > MOST ? t(", the first {most} are shown", { most: MOST }) : "";
    said.textContent = found.total ? t("{n} found", { n: found.total }) + more : "";
    const devices = namedFirst(found.devices, text).slice(0, MOST);
    results.replaceChildren(...(devices.length
      ? devices.map((one) => h("li", {},
        h("a", { href: link(`/devices/${one.device_id}`) }, one.device_id),
        h("span", { class: "quiet" }, ` ${[one.device_type && typeName(one.device_type), one.line].filter(Boolean).join(" · ")}`)))
      : [none(t("No machine matches “{text}”.", { text }))]));
  }
  const input = h("input", { id: "text", type: "search", value: begin,
    oninput: (/** @type {any} */ event) => find(event.target.value.trim()) });
  return { element: [h("div", { class: "tools" }, h("label", { for: "text" }, t("Search for a machine")), input), said, results], find: () => find(begin) };
}

/** @param {HTMLElement} place @param {string} sentence @param {string} begin */
async function explain(place, sentence, begin) {
  const { element, find } = search(begin);
  place.replaceChildren(h("div", { class: "panel" }, h("p", {}, sentence), ...element,
    h("p", {}, h("a", { href: link("/") }, t("All machines")))));
  await find();
}

/** @param {HTMLElement} place @param {string} id */
export function showUnknownMachine(place, id) {
  retitle(t("Unknown machine"));
  return explain(place, t("There is no machine “{machine}”: it is not in the plant file and has never sent a reading.", { machine: id }), family(id));
}

/** @param {HTMLElement} place @param {string} path */
export function show(place, path) {
  return explain(place, t("There is no page at {address}.", { address: link(path) }), "");
}

/** @param {string} title */
function retitle(title) {
  const heading = byId("content").querySelector("h1");
  if (heading) heading.textContent = title;
  document.title = `${title} · Energy Track`;
}
