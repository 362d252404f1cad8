// Questions before something happens.
import { post, Refused } from "./api.js";
import { h, toast } from "./html.js";

export function ask({ title, note, fields = [], confirm, danger = false, act }) {
  // Opens a dialog; `act` gets the fields' values and may throw Refused, which is shown in the dialog.
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const inputs = Object.fromEntries(fields.map((field) => [field.name, field.input]));
  const go = h("button", { class: danger ? "danger" : "primary", type: "submit" }, confirm);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" },
    h("form", {
      method: "dialog",
      onsubmit: async (event) => {
        event.preventDefault();
        go.disabled = true;
        problem.hidden = true;
        const values = Object.fromEntries(Object.entries(inputs).map(
          ([name, input]) => [name, input.type === "checkbox" ? input.checked : input.value]));
        try {
          await act(values, dialog);
          dialog.close();
        } catch (error) {
          if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
          problem.textContent = error instanceof Refused ? error.message : "The service does not answer; nothing was done.";
          problem.hidden = false;
          for (const field of fields) if (field.onrefused) field.onrefused(error);
        } finally {
          go.disabled = false;
        }
      },
    },
    h("h2", { id: "dialog-title" }, title),
    note ? h("p", { class: "note" }, note) : null,
    fields.map((field) => field.row ?? [h("label", { for: field.input.id }, field.label), field.input]),
    problem,
    h("div", { class: "row" },
      h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), go)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  (fields[0]?.input ?? go).focus();
  return dialog;
}

export function reasonField(label = "Reason", required = true) {
  return { name: "reason", label, input: h("textarea", { id: "reason", required, maxlength: "500" }) };
}

const VERBS = { shutdown: "Shut down", restart: "Restart" };

export function askOrder(action, device) {
  const override = h("input", { type: "checkbox", id: "override" });
  const row = h("p", { class: "check", hidden: true }, override,
    h("label", { for: "override" }, "Do it all the same: I have made sure that nobody and nothing is harmed"));
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  let attempt = 0;
  return ask({
    title: `${VERBS[action]} ${device.device_id}?`,
    note: device.state === "running" ? "The machine is running: it is in mid-cycle." : null,
    danger: action === "shutdown",
    confirm: VERBS[action],
    fields: [reasonField(), {
      name: "override", input: override, row,
      onrefused: (error) => { row.hidden = error.code !== "override_needed"; },
    }],
    act: async ({ reason, override: overridden }) => {
      attempt += 1;
      const body = { device_id: device.device_id, reason, override: overridden };
      const order = await post(`/api/${action}`, body, `${key}-${attempt}`);
      toast(`${VERBS[action]} ${order.device_id}: the order is ${order.status}.`, "good");
    },
  });
}
