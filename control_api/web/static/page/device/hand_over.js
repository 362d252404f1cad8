// The printed page of a machine: a hand-over sheet from one shift to the next.
import { now, time, zoneName } from "../kit/clock.js";
import { h, setText } from "../kit/html.js";
import { t } from "../kit/language.js";
import { nameOf } from "../kit/words.js";
import { subject } from "../service/api.js";

/** The printed-only parts: who, when, and space to write. @param {string} id */
export function handOver(id) {
  const printed = h("p", { class: "quiet" });
  const line = (/** @type {string} */ name) => h("p", { class: "to-fill" }, name);
  const head = h("section", { class: "print-only" }, h("h2", {}, t("Shift hand-over: {machine}", { machine: id })), printed);
  const foot = h("section", { class: "print-only" }, h("h2", {}, t("For the next shift")),
    line(t("What was done")), line(t("What remains to be done")), line(""), line(t("Handed over by, at")), line(t("Taken over by, at")));
  document.documentElement.classList.add("has-sheet");
  beforePrint(() => setText(printed, zoneName
    ? t("Printed by {name} at {moment}, plant time ({zone})", { name: nameOf(subject()), moment: time(now()), zone: zoneName })
    : t("Printed by {name} at {moment}", { name: nameOf(subject()), moment: time(now()) })));
  return { head, foot };
}

/** @param {() => void} prepare */
function beforePrint(prepare) {
  const root = document.documentElement;
  /** @type {string | undefined} */
  let theme;
  window.addEventListener("beforeprint", () => {
    prepare();
    theme = root.dataset.theme;
    root.dataset.theme = "light"; // print in light colours
    document.dispatchEvent(new Event("theme"));
  });
  window.addEventListener("afterprint", () => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.dispatchEvent(new Event("theme"));
  });
}
