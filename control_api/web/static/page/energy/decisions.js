// A decision about energy that a meter shows and nobody believes.
import { post } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask, reasonField } from "../kit/dialog.js";
import { energy } from "./words.js";
import { h, toast } from "../kit/html.js";

/** @param {import("../service/formats.js").Suspect} suspect @param {() => void} decided */
export function askDecision(suspect, decided) {
  const kwh = h("input", { id: "kwh", type: "number", min: "0", step: "any" });
  const row = h("div", { hidden: true }, h("label", { for: "kwh" }, "Energy in this time, kWh"), kwh);
  const decision = h("select", { id: "decision", onchange: () => { row.hidden = decision.value !== "value"; } },
    h("option", { value: "accept" }, `Count it: the machine used these ${energy(suspect.suspect_kwh)}`),
    h("option", { value: "reject" }, "Do not count it"),
    h("option", { value: "value" }, "Give the right value instead of everything the meter says"));
  ask({
    title: `Energy of ${suspect.device_id}`,
    note: `${time(suspect.start)} to ${time(suspect.end)}. ${suspect.text}`,
    confirm: "Decide",
    fields: [{ name: "decision", label: "Decision", input: decision }, { name: "kwh", input: kwh, row }, reasonField()],
    act: async (values) => {
      const made = await post("/api/energy/corrections", {
        device_id: suspect.device_id, start: suspect.start, end: suspect.end, decision: values.decision, reason: values.reason,
        ...(values.decision === "value" ? { kwh: values.kwh === "" ? null : Number(values.kwh) } : {}),
      });
      toast(`Decided: ${energy(made.before_kwh)} before, ${energy(made.after_kwh)} now.`, "good");
      decided();
    },
  });
}
