// The live connection: receives updates and keeps the latest state for all views.
import { io } from "../../vendor/socket.io.esm.min.js";
import { link } from "./api.js";
import { unpacked } from "./formats.js";
import { rotate } from "./session.js";

/** @typedef {import("./formats.js").LiveDevice} LiveDevice */
/** @typedef {import("./formats.js").Order} Order */
/** @typedef {import("./formats.js").Lock} Lock */
/** @typedef {import("./formats.js").Alarm} Alarm */
/** @typedef {import("./formats.js").Case} Case */
/** @typedef {import("./formats.js").Duty} Duty */
/** @typedef {import("./formats.js").Schedule} Schedule */
/** @typedef {Partial<LiveDevice> & {device_id: string}} KnownDevice a machine, as far as it is known */

const REFUSED_PAUSE = 15_000;
const hasGrafana = () => Boolean(document.documentElement.dataset.grafana);

/** Browsers do not report why a WebSocket was refused. @param {string} path @param {number} status */
async function answers(path, status) {
  try {
    return (await fetch(link(path))).status === status;
  } catch {
    return false;
  }
}
const refused = () => answers("/api/auth", 401);
/** Without Socket.IO's parameters this opens no connection. */
const hasTooMany = () => answers("/socket.io/", 429);

class Live extends EventTarget {
  /** @type {Map<string, KnownDevice>} */
  devices = new Map();
  /** @type {Order[]} */
  orders = [];
  /** @type {Lock[]} */
  locks = [];
  /** @type {Alarm[]} */
  alarms = [];
  /** @type {Case[]} */
  cases = [];
  hasCases = false;
  /** @type {Duty | null} */
  duty = null;
  /** @type {Schedule[]} */
  schedules = [];
  /** @type {ReturnType<typeof io> | null} */
  socket = null;

  /** @param {string} name @param {(detail: any) => void} listener */
  on(name, listener) {
    this.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {string} name @param {unknown} [detail] */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {string[]} rooms */
  connect(rooms) {
    const socket = io({ path: link("/socket.io"), transports: ["websocket", "polling"], reconnectionDelayMax: 5000 });
    this.socket = socket;
    socket.on("connect", () => {
      socket.emit("watch", rooms);
      this.emit("link", true);
    });
    socket.on("disconnect", (reason) => {
      this.emit("link", false);
      if (reason === "io server disconnect") socket.connect();
    });
    socket.on("connect_error", async () => {
      this.emit("link", false);
      const signedOut = await refused();
      if (signedOut && hasGrafana() && await rotate()) {
        socket.connect();
        return;
      }
      if (signedOut) this.emit("refused");
      else if (await hasTooMany()) this.emit("toomany");
      if (!socket.active) setTimeout(() => socket.connect(), REFUSED_PAUSE); // otherwise it retries by itself
    });
    socket.on("devices", (updates) => this.take(updates.map(unpacked)));
    for (const kind of /** @type {const} */ (["orders", "locks", "alarms", "cases", "duty", "schedules"])) {
      socket.on(kind, (current) => {
        this[kind] = current;
        if (kind === "cases") this.hasCases = true;
        this.emit(kind, current);
      });
    }
  }

  /** Reconnect with the current cookie: the service keeps using the one with which the connection was opened. */
  reconnect() {
    this.socket?.disconnect().connect();
  }

  /** @param {LiveDevice[]} updates */
  take(updates) {
    for (const device of updates) this.devices.set(device.device_id, { ...this.devices.get(device.device_id), ...device });
    this.emit("devices", updates);
  }

  /** @param {string} deviceId */
  lockOf(deviceId) {
    return this.locks.find((lock) => lock.device_id === deviceId);
  }

  /** @param {string} deviceId */
  caseOf(deviceId) {
    return this.cases.find((one) => one.device_id === deviceId && one.state !== "cleared");
  }
}

export const live = new Live();
