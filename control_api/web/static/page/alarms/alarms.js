// Alarms: what is wrong, a card for each machine, the most severe first and then the oldest.
import { t } from "../kit/language.js";
import { link, mayAct } from "../service/api.js";
import { askAcknowledge, caseCard } from "./cases.js";
import { dutyPanel, pagedPeople } from "./duty.js";
import { h, loading, none, soon } from "../kit/html.js";
import { live } from "../service/live.js";

const REDRAW_PAUSE = 30_000;

/** The case that a message's link is about. @returns {string | null} */
const asked = () => new URLSearchParams(window.location.search).get("case");

/** @param {HTMLElement} place */
export async function show(place) {
  const only = h("select", { id: "only", onchange: draw }, h("option", { value: "open" }, t("open")),
    h("option", { value: "all" }, t("open, or cleared in the last day")));
  const list = h("ul", { class: "plain cards", "aria-label": t("Alarms") }, loading(none("")));
  const duty = dutyPanel();
  place.replaceChildren(
    duty.element,
    h("div", { class: "row tools" }, h("div", {}, h("label", { for: "only" }, t("Show")), only),
      h("a", { class: "button", href: link("/api/alarms.csv") }, t("Alarms as CSV")),
      h("a", { class: "button", href: link("/api/alarm-log.csv") }, t("Alarm log as CSV"))),
    h("div", { class: "panel" }, list));
  let answered = asked() === null;
  function draw() {
    const cases = live.cases.filter((one) => only.value === "all" || one.state !== "cleared");
    list.replaceChildren(...(cases.length ? cases.map((one) => h("li", {}, caseCard(one, { paged: pagedPeople(one) })))
      : [none(t("No open alarms. An alarm appears here when a machine, its data or the system itself needs attention."))]));
    if (!answered) answered = answer(list);
  }
  live.on("cases", soon(draw));
  live.on("duty", soon(() => { duty.fill(); if (live.hasCases) draw(); }));
  setInterval(() => { if (live.hasCases && !list.contains(document.activeElement)) draw(); }, REDRAW_PAUSE); // ages grow
}

/** Show the case that a message is about, and ask whether to acknowledge it; only an answer acknowledges. @param {HTMLElement} list */
function answer(list) {
  const one = live.cases.find((each) => each.case_id === asked());
  const card = list.querySelector(`[data-case="${CSS.escape(asked() ?? "")}"]`);
  if (!one || !card) {
    list.prepend(none(t("{machine} no longer has an open alarm.", { machine: asked() })));
    return true;
  }
  card.scrollIntoView({ block: "center" });
  card.classList.add("asked");
  if (mayAct() && one.state === "active") askAcknowledge(one);
  return true;
}
