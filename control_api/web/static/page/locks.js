// Locks (lockout/tagout): who holds a machine off, and until when.
import { isAdmin, post, remove, subject } from "./api.js";
import { ask, reasonField } from "./dialog.js";
import { toast } from "./html.js";
import { live } from "./live.js";

/** Lock a machine out, or release it. @param {string} id */
export const askLockOrRelease = (id) => (live.lockOf(id) ? askRelease(id) : askLock(id));

/** @param {string} id */
function askLock(id) {
  ask({
    title: `Lock ${id} out?`, confirm: "Lock out", fields: [reasonField()],
    note: "Nobody can restart it from here until you release it. This does not replace a padlock on the machine.",
    act: async ({ reason }) => {
      const { open_restart: restart } = await post(`/api/devices/${id}/lock`, { reason });
      toast(restart ? `Locked, but a restart was under way: wait until it has ended before you touch ${id}.` : `${id} is locked out.`,
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
    title: `Release ${id}?`, confirm: "Release", fields: mine ? [] : [reasonField()],
    note: mine ? null : isAdmin() ? `${held.holder} holds this lock. Have you spoken to them?` : `Only ${held.holder} or an administrator can.`,
    act: async ({ reason }) => remove(`/api/devices/${id}/lock${reason ? `?reason=${encodeURIComponent(reason)}` : ""}`),
  });
}
