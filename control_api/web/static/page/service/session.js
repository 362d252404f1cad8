// Keeps a Grafana session alive, as Grafana's own pages do.
// Grafana's session token is valid for some minutes (token_rotation_interval_minutes, 10 by default); after that
// Grafana
// answers 401 until the client rotates it. A cookie that scripts can read contains the expiry time.
import { nowSeconds } from "../kit/clock.js";

const ROTATE = "/api/user/auth-tokens/rotate";
const EXPIRY = "grafana_session_expiry";
const EARLY_SECONDS = 15;
const LOOK_MS = 5_000;
const PAUSE_SECONDS = 60;

/** When the token expires, in seconds since the epoch; 0 without a cookie. @param {string} cookies */
export function expiryIn(cookies) {
  const found = cookies.split("; ").find((each) => each.startsWith(`${EXPIRY}=`));
  const seconds = Number(found?.slice(EXPIRY.length + 1));
  return Number.isFinite(seconds) ? seconds : 0;
}

/** @type {Promise<boolean> | null} */
let underway = null;

/** Rotate the token; returns whether it is valid now. Concurrent calls share one result. */
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
  // Locks need HTTPS; without them, Grafana handles two rotations at once by itself.
  return navigator.locks ? navigator.locks.request("energytrack-rotate", turn) : turn();
}

/** Rotate the token shortly before it expires, while the page is open. @param {() => void} onRotated */
export function keepAlive(onRotated) {
  let notBefore = 0;
  setInterval(async () => {
    const due = expiryIn(document.cookie);
    if (!due || nowSeconds() < Math.max(due - EARLY_SECONDS, notBefore)) return;
    notBefore = nowSeconds() + PAUSE_SECONDS;
    if (await rotate()) onRotated();
  }, LOOK_MS);
}
