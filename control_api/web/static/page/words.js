// Numbers and times as people read them.
export const number = (value, digits = 1) => (value === null || value === undefined ? "–" : value.toFixed(digits));
export const percent = (value) => (value === null || value === undefined ? "–" : `${Math.round(value * 100)} %`);
export function kilowatts(watts) {
  if (watts === null || watts === undefined) return "–";
  return watts >= 1e6 ? `${(watts / 1e6).toFixed(2)} MW` : `${(watts / 1000).toFixed(1)} kW`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
export const secondOf = (seconds) => clock.format(new Date(seconds * 1000));
export const minuteOf = (seconds) => minute.format(new Date(seconds * 1000));
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export function time(moment) {
  if (!moment) return "–";
  const date = new Date(moment);
  return Date.now() - date < 12 * 3600e3 && date < Date.now() ? clock.format(date) : day.format(date);
}

export function ago(seconds) {
  if (seconds === null || seconds === undefined) return "never";
  const past = Math.max(0, Date.now() / 1000 - seconds);
  if (past < 5) return "now";
  if (past < 90) return `${Math.round(past)} s ago`;
  if (past < 5400) return `${Math.round(past / 60)} min ago`;
  return `${Math.round(past / 3600)} h ago`;
}

const NAMES = { mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" };
export function days(listed) {
  const all = listed.join(" ");
  if (all === "mon tue wed thu fri sat sun") return "every day";
  if (all === "mon tue wed thu fri") return "Mon to Fri";
  return listed.map((one) => NAMES[one] ?? one).join(", ");
}
