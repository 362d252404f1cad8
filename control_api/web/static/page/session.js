// Keeps a Grafana session alive, as Grafana's own pages do.
//
// Grafana's session token is good for some minutes (token_rotation_interval_minutes, 10 by default); after that Grafana
// answers 401 until whoever holds it has it rotated. A cookie that scripts may read says when it is due.
import { nowSeconds } from "./clock.js";

const ROTATE = "/api/user/auth-tokens/rotate";
const EXPIRY = "grafana_session_expiry";
const EARLY_SECONDS = 15;
const LOOK_MS = 5_000;
const PAUSE_SECONDS = 60;

/** When the token is due, in seconds since the epoch; 0 where no cookie says so. @param {string} cookies */
export function expiryIn(cookies) {
  const found = cookies.split("; ").find((each) => each.startsWith(`${EXPIRY}=`));
  const seconds = Number(found?.slice(EXPIRY.length + 1));
  return Number.isFinite(seconds) ? seconds : 0;
}

/** @type {Promise<boolean> | null} */
let underway = null;

/** Have the token rotated; says whether there is a good one now. Whoever asks meanwhile gets the same answer. */
export function rotate() {
  underway ??= alone(expiryIn(document.cookie)).finally(() => { underway = null; });
  return underway;
}

/** @param {number} before */
async function alone(before) {
  const turn = async () => {
    if (expiryIn(document.cookie) > before) return true; // another tab did it
    const answer = await fetch(ROTATE, { method: "POST" }).catch(() => null);
    return answer?.ok ?? false;
  };
  // Where the page is not served over HTTPS there are no locks; Grafana sorts out two at once by itself.
  return navigator.locks ? navigator.locks.request("energytrack-rotate", turn) : turn();
}

/** Rotate a little before the token is due, for as long as the page is open. @param {() => void} onRotated */
export function keepAlive(onRotated) {
  let notBefore = 0;
  setInterval(async () => {
    const due = expiryIn(document.cookie);
    if (!due || nowSeconds() < Math.max(due - EARLY_SECONDS, notBefore)) return;
    notBefore = nowSeconds() + PAUSE_SECONDS;
    if (await rotate()) onRotated();
  }, LOOK_MS);
}
