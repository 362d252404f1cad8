// Who is on duty, who was paged, and which rules alarm how often.
import { t, tc } from "../kit/language.js";
import { get, link, mayAct, post } from "../service/api.js";
import { plannedTime, time } from "../kit/clock.js";
import { ask } from "../kit/dialog.js";
import { noiseTitle, onDuty, unreachable, whoWasPaged } from "./duty_words.js";
import { button, h, none, setText, toast } from "../kit/html.js";
import { live } from "../service/live.js";

/** Who was paged about a case. @param {import("../service/formats.js").Case} one */
export const pagedPeople = (one) => whoWasPaged(live.duty?.escalations.find((each) => each.case_id === one.case_id), time);

function askTest() {
  const people = [...new Set([...(live.duty?.on_duty ?? []).map((watch) => watch.who), ...(live.duty?.escalate_to ?? [])])];
  const who = h("select", { id: "who-is-paged" }, people.map((one) => h("option", { value: one }, one)));
  ask({ title: t("Send a test page?"), confirm: t("Send"), note: t("It says that it is a test. Whether it arrives is shown under Alarms."),
    fields: [{ name: "who", label: tc("recipient", "To"), input: who }],
    act: async (values) => {
      await post("/api/duty/test", values);
      toast(t("A test page to {name} is on its way.", { name: values.who }), "good");
    } });
}

async function showNoise() {
  /** @type {import("../service/formats.js").Noise} */
  const noise = await get("/api/noise?days=7");
  ask({ title: noiseTitle(noise), body: [
    h("ul", { class: "plain" }, noise.rules.length ? noise.rules.map((rule) => h("li", {}, rule.sentence)) : none(t("No alarm and no page."))),
    h("p", {}, h("a", { href: link("/api/noise.csv?days=7") }, t("As CSV")))] });
}

/** The line above the alarms. */
export function dutyPanel() {
  const sentence = h("p", {});
  const problem = h("p", { class: "note", hidden: true });
  const test = mayAct() ? button(t("Test page …"), askTest) : null;
  const element = h("section", { class: "panel row duty", "aria-label": t("On duty") }, h("div", { class: "grow" }, sentence, problem),
    test, button(t("Noise by rule …"), () => showNoise().catch((error) => toast(error.message, "bad"))));
  const fill = () => {
    setText(sentence, onDuty(live.duty, plannedTime) || t("Nobody is paged from here: the plant file has no rota ([duty])."));
    setText(problem, unreachable(live.duty));
    problem.hidden = !problem.textContent;
    if (test) test.hidden = !live.duty?.configured;
  };
  fill();
  return { element, fill };
}
