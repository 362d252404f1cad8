// Starts the view that the address asks for, and what all views share.
import { link, me, post } from "./api.js";
import { live } from "./live.js";
import { byId, h } from "./html.js";

const views = {
  fleet: () => import("./fleet.js"),
  device: () => import("./device.js"),
  alarms: () => import("./alarms.js"),
  schedules: () => import("./schedules.js"),
  orders: () => import("./orders.js"),
};
const START_PAUSE = 5_000;
const WAITS_PAUSE = 10_000;
const OLD_SECONDS = 5;
const { view, device } = document.documentElement.dataset;

function chooseTheme() {
  const root = document.documentElement;
  const kept = localStorage.getItem("theme");
  if (kept) root.dataset.theme = kept;
  byId("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });
}

function countAlarms() {
  const active = live.alarms.filter((alarm) => alarm.state === "active").length;
  byId("alarm-count").hidden = active === 0;
  byId("alarm-count").textContent = active;
  byId("alarm-count").setAttribute("aria-label", `${active} active`);
}

function tellOfTheLink(connected) {
  const banner = byId("link");
  banner.hidden = connected;
  banner.textContent = connected ? "" : "Connection lost. What you see may be old; trying again …";
}

// Whom this service waits for, and since when: a sentence, while there is one.
async function tellOfWaits() {
  const banner = byId("waits");
  try {
    const answer = await fetch(link("/healthz"), { cache: "no-store" });
    const said = answer.status === 503 ? (await answer.text()).trim() : "";
    banner.textContent = said && said !== "starting" && said.length < 300 ? `${said}. What you see may be as old as that; it goes on by itself.` : "";
  } catch {
    return; // that the connection is lost is told beside
  }
  banner.hidden = !banner.textContent;
}

function tellOfTheAge(seconds) {
  if (seconds < OLD_SECONDS) return;
  byId("link").hidden = false;
  byId("link").textContent = `The database is slow. What stands here was read ${Math.round(seconds)} seconds ago.`;
}

function tellOfTheSession() {
  const here = window.location.pathname.slice(link("").length) + window.location.search;
  byId("link").replaceChildren("You are not signed in any more, and what you see is old. ",
    h("a", { href: link(`/sign-in?next=${encodeURIComponent(here)}`) }, "Sign in"));
}

async function signOut() {
  await post("/sign-out");
  window.location.assign(link("/sign-in"));
}

function tellOfTheStart() {
  // The service went away while the page loaded, and there is nothing yet that would connect again.
  byId("link").hidden = false;
  byId("link").textContent = "This page did not load completely; trying again …";
  setTimeout(() => window.location.reload(), START_PAUSE);
}

async function start() {
  const someone = await me();
  byId("who").textContent = `${someone.subject} · ${someone.role}`;
  if (someone.subject.startsWith("link:")) byId("who").after(h("button", { type: "button", onclick: signOut }, "Sign out"));
  live.on("alarms", countAlarms);
  setInterval(tellOfWaits, WAITS_PAUSE);
  tellOfWaits();
  live.on("link", tellOfTheLink);
  live.on("age", tellOfTheAge);
  live.on("refused", tellOfTheSession);
  const { show } = await views[view]();
  await show(byId("view"), device);
  live.connect(view === "device" ? [`device:${device}`] : ["fleet"]);
}

chooseTheme();
try {
  await start();
} catch (error) {
  tellOfTheStart();
  throw error;
}
