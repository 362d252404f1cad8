// The comments on an alarm. Loaded when the alarm is shown, and again when it has changed.
import { remarks } from "./alarm_words.js";
import { get } from "./api.js";
import { time } from "./clock.js";
import { h } from "./html.js";

/** @typedef {import("./formats.js").Alarm} Alarm */
/** @typedef {import("./formats.js").AlarmEntry} AlarmEntry */

const AT_ONCE = 4;
/** @type {Map<string, {version: number, entries: AlarmEntry[]}>} */
const read = new Map();
/** @type {(() => Promise<void>)[]} */
const waiting = [];
let underway = 0;

async function next() {
  const task = waiting.shift();
  if (!task || underway >= AT_ONCE) {
    if (task) waiting.unshift(task);
    return;
  }
  underway += 1;
  await task().catch(() => undefined); // keep the previous comments; the next change retries
  underway -= 1;
  next();
}

/** @param {HTMLElement} list @param {Alarm} alarm */
function fill(list, alarm) {
  const said = remarks(read.get(alarm.alarm_id)?.entries ?? [], alarm.episode);
  list.hidden = !said.length;
  list.replaceChildren(...said.map((entry) => h("li", {}, h("span", { class: "quiet" }, `${time(entry.at)} ${entry.by}: `), entry.text)));
}

/** A list of an alarm's comments, which loads itself. @param {Alarm} alarm */
export function comments(alarm) {
  const list = h("ul", { class: "plain comments", "aria-label": "Comments", hidden: true });
  fill(list, alarm);
  if (read.get(alarm.alarm_id)?.version !== alarm.version) {
    waiting.push(async () => {
      if (read.get(alarm.alarm_id)?.version !== alarm.version) {
        const { log } = await get(`/api/alarms/${alarm.alarm_id}/log`);
        read.set(alarm.alarm_id, { version: alarm.version, entries: log });
      }
      fill(list, alarm);
    });
    next();
  }
  return list;
}
