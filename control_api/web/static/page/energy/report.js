// The report of a month: its figures, its pages as they are printed, and the files to forward.
import { t } from "../kit/language.js";
import { get, link } from "../service/api.js";
import { now, zoneName } from "../kit/clock.js";
import { dayAt, period, shifted } from "./words.js";
import { attempt, button, h, setText } from "../kit/html.js";
import { newestOnly } from "../kit/newest.js";

/** @typedef {import("../service/formats.js").Report} Report */

/** The languages of reports, each in its own words. */
const LANGUAGES = { "": t("Language of the plant"), en: "English", de: "Deutsch", es: "Español", fr: "Français", pl: "Polski" };

/** @param {Report} report @param {string} query */
const pictures = (report, query) => Array.from({ length: report.pages }, (_, index) => h("img", {
  src: link(`/api/report.png?${query}&page=${index + 1}`), alt: t("Page {page} of {pages}", { page: index + 1, pages: report.pages }), loading: "lazy",
}));

/** @param {HTMLElement} place */
export async function show(place) {
  const chosen = { day: shifted("month", dayAt(now(), zoneName), -1), language: "", year: false };
  const title = h("strong", { "aria-live": "polite" });
  const said = h("ul");
  const rests = h("p", { class: "quiet" });
  const pages = h("div", { class: "pages" });
  const downloads = ["PDF", "XLSX"].map((name) => h("a", { class: "button" }, name));
  const step = (/** @type {-1 | 1} */ by) => () => { chosen.day = shifted("month", chosen.day, by); attempt(draw()); };
  place.replaceChildren(
    h("div", { class: "row tools" }, button(t("Earlier"), step(-1)), title, button(t("Later"), step(1)),
      h("label", { for: "language" }, t("Language")),
      h("select", { id: "language", onchange: (/** @type {any} */ event) => { chosen.language = event.target.value; attempt(draw()); } },
        Object.entries(LANGUAGES).map(([value, name]) => h("option", { value }, name))),
      h("label", { class: "check" }, h("input", { type: "checkbox", onchange: (/** @type {any} */ event) => { chosen.year = event.target.checked; attempt(draw()); } }),
        ` ${t("with the plot of the year")}`),
      downloads),
    h("section", { class: "panel", "aria-label": t("In short") }, said, rests),
    pages);

  const newest = newestOnly();
  async function draw() {
    const month = period("month", chosen.day).first.slice(0, 7);
    const query = [`month=${month}`, ...(chosen.language ? [`language=${chosen.language}`] : []), ...(chosen.year ? ["year=true"] : [])].join("&");
    setText(title, month);
    downloads[0].href = link(`/api/report.pdf?${query}`);
    downloads[1].href = link(`/api/report.xlsx?${query}`);
    pages.replaceChildren();
    said.replaceChildren(h("li", { class: "quiet" }, chosen.year ? t("Reading twelve months of the ledger …") : t("Reading the month …")));
    setText(rests, "");
    const report = /** @type {Report | null} */ (await newest(get(`/api/report?${query}`)));
    if (report === null) return;
    said.replaceChildren(...report.sentences.map((sentence) => h("li", {}, sentence)));
    setText(rests, report.made);
    pages.replaceChildren(...pictures(report, query));
  }
  await draw();
}
