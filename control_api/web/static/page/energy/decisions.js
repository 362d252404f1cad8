// A decision about energy that a meter shows and nobody believes.
import { t } from "../kit/language.js";
import { post } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask, reasonField } from "../kit/dialog.js";
import { translated } from "../kit/translated.js";
import { inUnit } from "./words.js";
import { h, toast } from "../kit/html.js";

/** @param {import("../service/formats.js").Suspect} suspect @param {() => void} decided */
export function askDecision(suspect, decided) {
  const kwh = h("input", { id: "kwh", type: "number", min: "0", step: "any" });
  const row = h("div", { hidden: true }, h("label", { for: "kwh" }, t("Amount in this time, {unit}", { unit: suspect.unit })), kwh);
  const decision = h("select", { id: "decision", onchange: () => { row.hidden = decision.value !== "value"; } },
    h("option", { value: "accept" }, t("Count it: these {amount} were used", { amount: inUnit(suspect.suspect_kwh, suspect.unit) })),
    h("option", { value: "reject" }, t("Do not count it")),
    h("option", { value: "value" }, t("Give the right value instead of everything the meter says")));
  ask({
    title: t("Energy of {machine}", { machine: suspect.device_id }),
    note: `${t("{begin} to {end}", { begin: time(suspect.start), end: time(suspect.end) })}. ${translated(suspect.text)}`,
    confirm: t("Decide"),
    fields: [{ name: "decision", label: t("Decision"), input: decision }, { name: "kwh", input: kwh, row }, reasonField()],
    act: async (values) => {
      const made = await post("/api/energy/corrections", {
        device_id: suspect.device_id, start: suspect.start, end: suspect.end, decision: values.decision, reason: values.reason,
        ...(values.decision === "value" ? { kwh: values.kwh === "" ? null : Number(values.kwh) } : {}),
      });
      toast(t("Decided: {before} before, {after} now.", { before: inUnit(made.before_kwh, made.unit), after: inUnit(made.after_kwh, made.unit) }), "good");
      decided();
    },
  });
}
