// Locks (lockout/tagout): lock a machine and release it.
import { t } from "../kit/language.js";
import { isAdmin, post, remove, subject } from "../service/api.js";
import { ask, reasonField } from "../kit/dialog.js";
import { toast } from "../kit/html.js";
import { nameOf } from "../kit/words.js";
import { live } from "../service/live.js";

/** Lock a machine out, or release it. @param {string} id */
export const askLockOrRelease = (id) => (live.lockOf(id) ? askRelease(id) : askLock(id));

/** @param {string} id */
function askLock(id) {
  ask({
    title: t("Lock out {machine}?", { machine: id }), confirm: t("Lock out"), fields: [reasonField()],
    note: t("Nobody can restart it from here until you release it. This does not replace a padlock on the machine."),
    act: async ({ reason }) => {
      const { open_restart: restart } = await post(`/api/devices/${id}/lock`, { reason });
      toast(restart ? t("{machine} is locked out, but a restart is in progress: wait until it has ended before you touch the machine.", { machine: id })
        : t("{machine} is locked out.", { machine: id }),
        restart ? "bad" : "good");
    },
  });
}

/** @param {string} id */
function askRelease(id) {
  const held = live.lockOf(id);
  if (!held) return;
  const mine = held.holder === subject();
  ask({
    title: t("Release {machine}?", { machine: id }), confirm: t("Release"), fields: mine ? [] : [reasonField()],
    note: mine ? null : isAdmin() ? t("{name} holds this lock. Have you spoken to them?", { name: nameOf(held.holder) })
      : t("Only {name} or an administrator can release this lock.", { name: nameOf(held.holder) }),
    act: async ({ reason }) => remove(`/api/devices/${id}/lock${reason ? `?reason=${encodeURIComponent(reason)}` : ""}`),
  });
}
