// Bulk orders: first a preview of what would happen to each machine, then the order.
import { t, tn } from "../kit/language.js";
import { post } from "../service/api.js";
import { ask, reasonField } from "../kit/dialog.js";
import { headRow, h, toast } from "../kit/html.js";
import { stepOutcome, planCounts } from "./plan.js";

/** @typedef {import("../service/formats.js").Plan} Plan */
/** @typedef {import("../service/formats.js").PlanStep} PlanStep */

const MOST = 2000;

/** @param {import("../fleet/list.js").Machine[]} machines */
export function askBulk(machines) {
  const action = h("select", { id: "action" }, h("option", { value: "shutdown" }, t("Shut down")), h("option", { value: "restart" }, t("Restart")));
  const idle = h("input", { id: "idle", type: "number", min: "0", max: "100000", placeholder: t("any") });
  const ids = machines.slice(0, MOST).map((one) => one.device_id);
  if (!ids.length) {
    ask({ title: t("No machine is listed"), note: t("Change the search or the filters: a bulk order goes to the listed machines.") });
    return;
  }
  ask({
    title: tn("Order {n} machine", "Order {n} machines", ids.length),
    note: machines.length > MOST ? t("A bulk order can have {most} machines at most: these are the first of {all}.", { most: MOST, all: machines.length }) : null,
    confirm: t("Preview"),
    fields: [{ name: "action", label: t("What"), input: action },
      { name: "idle", label: t("Only those that have been idle for at least this many minutes"), input: idle }, reasonField()],
    act: async (values) => {
      const select = { device_ids: ids, ...(values.idle ? { idle_minutes: Number(values.idle) } : {}) };
      const order = { action: values.action, select, reason: values.reason };
      askPlan(await planned(order, false), order);
    },
  });
}

/** Preview a shutdown of some machines, and order it if that is confirmed. @param {string[]} ids @param {string} reason */
export async function askToStop(ids, reason) {
  const order = { action: "shutdown", select: { device_ids: ids }, reason };
  askPlan(await planned(order, false), order);
}

/** @param {object} order @param {boolean} override @returns {Promise<Plan>} */
const planned = (order, override) => post("/api/bulk", { ...order, override, dry_run: true });

/** @param {PlanStep[]} steps @param {string} action */
const rows = (steps, action) => steps.length
  ? [...steps].sort((a, b) => Number(b.ordered) - Number(a.ordered)).map((step) => h("tr", { class: step.ordered ? "" : "quiet" },
    h("td", {}, step.device_id), h("td", {}, stepOutcome(step, action))))
  : [h("tr", {}, h("td", { class: "quiet", colspan: "2" }, t("No machine has been idle for that long.")))];

/** @param {Plan} plan @param {{action: string}} order */
function askPlan(plan, order) {
  const { ordered, overridable } = planCounts(plan.steps);
  const override = h("input", { type: "checkbox", id: "override" });
  const row = h("p", { class: "check", hidden: !overridable }, override, h("label", { for: "override" },
    tn("Include {n} machine in mid-cycle or in shift: I have made sure that this is safe",
      "Include {n} machines in mid-cycle or in shift: I have made sure that this is safe", overridable)));
  const body = h("tbody", {}, rows(plan.steps, order.action));
  const question = ask({
    title: plan.sentence,
    note: ordered ? t("Nothing has been done yet.") : t("There is nothing to do."),
    body: [h("div", { class: "list", tabindex: "0", role: "region", "aria-label": t("Preview for each machine") },
      h("table", {}, headRow([t("Machine"), t("What happens")]), body))],
    fields: [{ name: "override", input: override, row }],
    confirm: t("Give the order"),
    danger: order.action === "shutdown",
    act: async (values) => {
      const done = await post("/api/bulk", { ...order, override: values.override, dry_run: false });
      toast(done.sentence, "good");
    },
  });
  /** @param {Plan} shown */
  const offer = (shown) => {
    question.heading.textContent = shown.sentence;
    body.replaceChildren(...rows(shown.steps, order.action));
    question.go.hidden = !planCounts(shown.steps).ordered;
    question.close.textContent = question.go.hidden ? t("Close") : t("Cancel");
  };
  override.addEventListener("change", async () => {
    question.go.disabled = true;
    try {
      offer(await planned(order, override.checked));
    } catch (error) {
      override.checked = !override.checked;
      toast(error instanceof Error ? error.message : String(error), "bad");
    } finally {
      question.go.disabled = false;
    }
  });
  offer(plan);
}
