// Starts the view for the current address, and what all views share.
import { t } from "./kit/language.js";
import { isAdmin, link, me, onAge, post, signInAddress } from "./service/api.js";
import { minuteOf, nowSeconds, time, useSilence, useZone } from "./kit/clock.js";
import { attempt, byId, button, h, loading, setText } from "./kit/html.js";
import { nameOf, roleName } from "./kit/words.js";
import { live } from "./service/live.js";
import { keepAlive } from "./service/session.js";

/** @typedef {(place: HTMLElement, about: string) => Promise<unknown>} Show */
/** @type {Record<string, () => Promise<{show: Show}>>} */
const views = {
  fleet: () => import("./fleet/fleet.js"),
  device: () => import("./device/device.js"),
  alarms: () => import("./alarms/alarms.js"),
  schedules: () => import("./orders/schedules.js"),
  energy: () => import("./energy/energy.js"),
  production: () => import("./production/production.js"),
  savings: () => import("./savings/savings.js"),
  report: () => import("./energy/report.js"),
  orders: () => import("./orders/orders.js"),
  machines: () => import("./machines/machines.js"),
  imports: () => import("./imports/imports.js"),
  unknown: () => import("./machines/unknown.js"),
};
const START_PAUSE = 5_000;
const WAITS_PAUSE = 10_000;
/** A longer answer is a proxy's error page, not the service's sentence. */
const LONGEST_SENTENCE = 300;
/** Do not report a connection that is back within this time. */
const MISSED_AFTER = 1_500;
const { view = "", device = "", zone, silent, grafana } = document.documentElement.dataset;

function chooseTheme() {
  const root = document.documentElement;
  const kept = localStorage.getItem("theme");
  if (kept) root.dataset.theme = kept;
  byId("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    document.dispatchEvent(new Event("theme"));
  });
}

function runClock() {
  const tick = () => setText(byId("clock"), minuteOf(nowSeconds()));
  setInterval(tick, 1000);
  tick();
}

function countAlarms() {
  const active = live.cases.filter((one) => one.state === "active").length;
  byId("alarm-count").hidden = active === 0;
  byId("alarm-count").textContent = String(active);
  byId("alarm-count").setAttribute("aria-label", t("{n} active", { n: active }));
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let missed;
/** @param {boolean} connected */
function showConnection(connected) {
  const banner = byId("link");
  clearTimeout(missed);
  missed = undefined;
  if (connected) {
    banner.hidden = true;
    banner.textContent = "";
  } else if (banner.hidden) {
    missed = setTimeout(() => {
      banner.hidden = false;
      banner.textContent = t("Connection lost. The data may be old. Reconnecting …");
    }, MISSED_AFTER);
  }
}

/** Show what the service is waiting for, and since when. */
async function showWaits() {
  const banner = byId("waits");
  const answer = await fetch(link("/healthz"), { cache: "no-store" }).catch(() => null);
  if (answer === null) return; // another banner shows a lost connection
  const said = answer.status === 503 ? (await answer.text()).trim() : "";
  const waits = said !== "" && said !== "starting" && said.length < LONGEST_SENTENCE;
  setText(banner, waits ? t("{problem}. The data may be equally old. The service continues by itself.", { problem: said }) : "");
  banner.hidden = !waits;
}

/** @type {number | null} */
let shownAge = null;
/** Show what time the page's data is from while the database is slow. Only what changes is replaced: a screen reader reads it,
 * and somebody may be about to press the button.
 * @param {number | null} moment seconds since the epoch
 */
function showAge(moment) {
  if (moment === shownAge) return;
  shownAge = moment;
  const banner = byId("age");
  banner.hidden = moment === null;
  if (moment === null) return;
  if (!banner.firstElementChild) banner.replaceChildren(h("span", {}), " ", button(t("Load again"), () => window.location.reload()));
  setText(/** @type {HTMLElement} */ (banner.firstElementChild), t("The database is slow. This page shows data as of {moment}.", { moment: time(1000 * moment) }));
}

function showTooMany() {
  if (live.socket?.connected) return;
  clearTimeout(missed);
  byId("link").hidden = false;
  byId("link").textContent = t("Too many pages are open in your name. This page shows no news until you close some of them; then it continues by itself.");
}

function showSignedOut() {
  clearTimeout(missed);
  byId("link").hidden = false;
  byId("link").replaceChildren(`${t("You are no longer signed in, and the data is old.")} `, h("a", { href: signInAddress() }, t("Sign in")));
}

async function signOut() {
  await post("/sign-out");
  window.location.assign(link("/sign-in"));
}

function showStartFailure() {
  // The service became unavailable while the page loaded, before the live connection could retry.
  byId("link").hidden = false;
  byId("link").textContent = t("This page did not load completely. Trying again …");
  setTimeout(() => window.location.reload(), START_PAUSE);
}

async function start() {
  const someone = await me();
  byId("who").textContent = `${nameOf(someone.subject)} · ${roleName(someone.role)}`;
  if (someone.subject.startsWith("link:")) byId("who").after(button(t("Sign out"), signOut));
  if (isAdmin() && !grafana) byId("who").after(button(t("People"), () => import("./machines/people.js").then(({ showPeople }) => attempt(showPeople()))));
  live.on("cases", countAlarms);
  setInterval(showWaits, WAITS_PAUSE);
  showWaits();
  live.on("link", showConnection);
  onAge(showAge);
  live.on("refused", showSignedOut);
  live.on("toomany", showTooMany);
  byId("view").replaceChildren(loading(h("p", { class: "quiet" })));
  const { show } = await views[view]();
  await show(byId("view"), device);
  live.connect(view === "device" ? [`device:${device}`] : view === "fleet" ? ["fleet"] : []);
  if (grafana) keepAlive(() => live.reconnect());
}

useZone(zone);
useSilence(silent);
chooseTheme();
runClock();
try {
  await start();
} catch (error) {
  showStartFailure();
  throw error;
}
