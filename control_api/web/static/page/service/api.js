// Calls to the control API, each with the CSRF token that proves that it comes from this page.
import { t } from "../kit/language.js";
import { nowSeconds, setClock } from "../kit/clock.js";
import { Ages } from "./ages.js";
import { rotate } from "./session.js";

const root = document.documentElement.dataset.root ?? "";
const hasGrafana = Boolean(document.documentElement.dataset.grafana);
/** @param {string} path */
export const link = (path) => `${root}${path}`;

/** The sign-in page, which returns to the current page. */
export function signInAddress() {
  const here = window.location.pathname.slice(root.length) + window.location.search;
  return link(`/sign-in?next=${encodeURIComponent(here)}`);
}

/** A request that the service refused; `message` is a sentence for people. */
export class Refused extends Error {
  /** @param {{type: string, detail: string, [fact: string]: any}} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
  get code() {
    return this.problem.type.split(":").pop() ?? "unknown";
  }
}

const ages = new Ages();
/** @type {((moment: number | null) => void)[]} */
const followers = [];
/** Follow how old the page's answers are: the moment that the oldest is from; null if all are new. @param {(moment: number | null) => void} follower */
export const onAge = (follower) => followers.push(follower);

/** @param {string} path @param {Response} response */
function noteAge(path, response) {
  if (!response.ok) return;
  ages.note(path, response.headers.get("Age"), nowSeconds());
  for (const follower of followers) follower(ages.oldest());
}

/** @param {Response} response @returns {Promise<any>} */
async function answered(response) {
  setClock(response.headers.get("Date"));
  const body = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  if (!response.ok) throw new Refused({ type: "unknown", detail: t("The service answered {status}.", { status: response.status }), ...body });
  return body;
}

/** @param {unknown} error */
const isSignedOut = (error) => error instanceof Refused && error.code === "not_signed_in";

/** Retry once with a new session if Grafana's token had expired; without a session, go to the sign-in page.
 * @template T
 * @param {() => Promise<T>} ask
 * @returns {Promise<T>}
 */
async function signedIn(ask) {
  try {
    return await ask().catch(async (error) => {
      if (isSignedOut(error) && hasGrafana && await rotate()) return ask();
      throw error;
    });
  } catch (error) {
    if (isSignedOut(error)) window.location.assign(signInAddress());
    throw error;
  }
}

/** @typedef {{subject: string, role: "Viewer" | "Editor" | "Admin", csrf: string}} Caller */

/** @type {Caller | null} */
let known = null;
/** @returns {Promise<Caller>} */
export const me = () => signedIn(async () => (known = /** @type {Caller} */ (await answered(await fetch(link("/api/auth"))))));
export const mayAct = () => known !== null && known.role !== "Viewer";
export const isAdmin = () => known !== null && known.role === "Admin";
export const subject = () => known?.subject ?? "";

/** @param {string} path @returns {Promise<any>} */
export const get = (path) => signedIn(async () => {
  const response = await fetch(link(path));
  const body = await answered(response);
  noteAge(path, response);
  return body;
});

/**
 * @param {string} method @param {string} path @param {unknown} [body] @param {string} [key] idempotency key: the same key acts once
 * @returns {Promise<any>}
 */
async function change(method, path, body, key) {
  const attempt = async () => {
    // The CSRF token changes when Grafana rotates its cookie, so it is fetched each time.
    const { csrf } = await me();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf, ...(key ? { "Idempotency-Key": key } : {}) };
    return answered(await fetch(link(path), { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }));
  };
  try {
    return await signedIn(attempt);
  } catch (error) {
    // Another tab rotated the session between the two calls.
    if (error instanceof Refused && error.code === "not_meant") return attempt();
    throw error;
  }
}
/** Send a file as it is. @param {string} path @param {Blob} file @returns {Promise<any>} */
export const upload = (path, file) => signedIn(async () => {
  const { csrf } = await me();
  const headers = { "Content-Type": "application/octet-stream", "X-CSRF-Token": csrf };
  return answered(await fetch(link(path), { method: "POST", headers, body: file }));
});
/** @param {string} path @param {unknown} [body] @param {string} [key] */
export const post = (path, body = {}, key = undefined) => change("POST", path, body, key);
/** @param {string} path */
export const remove = (path) => change("DELETE", path);
