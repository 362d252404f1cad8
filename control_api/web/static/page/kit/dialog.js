// Dialogs that ask before an action.
import { t } from "./language.js";
import { post, Refused } from "../service/api.js";
import { h, toast } from "./html.js";
import { ACTIONS, statusName } from "./words.js";

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} [label]
 * @property {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} input
 * @property {HTMLElement} [row] replaces label and input
 * @property {(error: any) => void} [onrefused]
 */

/** @param {Field["input"]} input */
const valueOf = (input) => (input instanceof HTMLInputElement && input.type === "checkbox" ? input.checked : input.value);

/** @param {unknown} error */
function sentence(error) {
  if (error instanceof Refused) return error.message;
  if (error instanceof TypeError) return t("The service does not answer. Nothing was done.");
  throw error;
}

/**
 * Opens a dialog; `act` gets the fields' values and may throw Refused, which is shown in the dialog.
 * Without `confirm` the dialog only shows information.
 * @param {{title: string, note?: string | null, body?: Node[], fields?: Field[], confirm?: string | null, danger?: boolean,
 *   act?: (values: Record<string, any>) => unknown}} question
 */
export function ask({ title, note = null, body = [], fields = [], confirm = null, danger = false, act = () => undefined }) {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const go = h("button", { class: danger ? "danger" : "primary", type: "submit", hidden: confirm === null }, confirm ?? "");
  const close = h("button", { type: "button", onclick: () => dialog.close() }, confirm === null ? t("Close") : t("Cancel"));
  const heading = h("h2", { id: "dialog-title" }, title);
  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    go.disabled = true;
    problem.hidden = true;
    try {
      await act(Object.fromEntries(fields.map(({ name, input }) => [name, valueOf(input)])));
      dialog.close();
    } catch (error) {
      problem.textContent = sentence(error);
      problem.hidden = false;
      for (const field of fields) field.onrefused?.(error);
    } finally {
      go.disabled = false;
    }
  }
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" },
    h("form", { method: "dialog", onsubmit: submit },
      heading,
      note ? h("p", { class: "note" }, note) : null,
      body,
      fields.map((field) => field.row ?? [h("label", { for: field.input.id }, field.label), field.input]),
      problem,
      h("div", { class: "row" }, close, go)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  (fields.find((field) => !field.row)?.input ?? (confirm === null ? close : go)).focus();
  return { dialog, heading, go, close };
}

export const reasonField = (label = t("Reason")) =>
  ({ name: "reason", label, input: h("textarea", { id: "reason", required: true, maxlength: "500" }) });

/** @param {"shutdown" | "restart"} action @param {import("../service/live.js").KnownDevice} device */
export function askOrder(action, device) {
  const override = h("input", { type: "checkbox", id: "override" });
  const row = h("p", { class: "check", hidden: true }, override,
    h("label", { for: "override" }, t("Do it anyway: I have made sure that this is safe")));
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  let attempt = 0;
  ask({
    title: action === "shutdown" ? t("Shut down {machine}?", { machine: device.device_id }) : t("Restart {machine}?", { machine: device.device_id }),
    note: device.state === "running" ? t("The machine is running and may be in mid-cycle.") : null,
    danger: action === "shutdown",
    confirm: ACTIONS[action],
    fields: [reasonField(), {
      name: "override", input: override, row,
      onrefused: (error) => { row.hidden = error.code !== "override_needed"; },
    }],
    act: async ({ reason, override: overridden }) => {
      attempt += 1;
      const body = { device_id: device.device_id, reason, override: overridden };
      const order = await post(`/api/${action}`, body, `${key}-${attempt}`);
      toast(t("{action} {machine}: the order was {status}.", { action: ACTIONS[action], machine: order.device_id, status: statusName(order.status) }), "good");
    },
  });
}
