// Calls of the control API, each with what shows that this page meant it.
const root = document.documentElement.dataset.root;
export const link = (path) => `${root}${path}`;

export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
  get code() {
    return this.problem.type.split(":").pop();
  }
}

async function answered(response) {
  if (response.status === 401) window.location.assign(link("/sign-in"));
  const body = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  if (!response.ok) throw new Refused({ type: "unknown", detail: `The service answered ${response.status}.`, ...body });
  return body;
}

let known = null;
export async function me() {
  known = await answered(await fetch(link("/api/auth")));
  return known;
}
export const mayAct = () => known !== null && known.role !== "Viewer";
export const isAdmin = () => known !== null && known.role === "Admin";
export const subject = () => known?.subject;

export const get = async (path) => answered(await fetch(link(path)));

async function change(method, path, body, key) {
  // The session's token changes when Grafana renews its cookie, so it is asked for anew each time.
  const { csrf } = await me();
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  if (key) headers["Idempotency-Key"] = key;
  return answered(await fetch(link(path), { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }));
}
export const post = (path, body = {}, key = undefined) => change("POST", path, body, key);
export const remove = (path) => change("DELETE", path);
