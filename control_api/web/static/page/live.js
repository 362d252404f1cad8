// What the service tells while it happens, kept so that every view can read it.
import { io } from "../vendor/socket.io.esm.min.js";
import { link } from "./api.js";
import { unpacked } from "./formats.js";
import { rotate } from "./session.js";

/** @typedef {import("./formats.js").LiveDevice} LiveDevice */
/** @typedef {import("./formats.js").Order} Order */
/** @typedef {import("./formats.js").Lock} Lock */
/** @typedef {import("./formats.js").Alarm} Alarm */
/** @typedef {import("./formats.js").Schedule} Schedule */
/** @typedef {Partial<LiveDevice> & {device_id: string}} KnownDevice a machine, as far as it is known */

const REFUSED_PAUSE = 15_000;
const hasGrafana = () => Boolean(document.documentElement.dataset.grafana);

async function refused() {
  // A browser does not tell a page why a WebSocket was not opened.
  try {
    return (await fetch(link("/api/auth"))).status === 401;
  } catch {
    return false;
  }
}

class Live extends EventTarget {
  /** @type {Map<string, KnownDevice>} */
  devices = new Map();
  /** @type {Order[]} */
  orders = [];
  /** @type {Lock[]} */
  locks = [];
  /** @type {Alarm[]} */
  alarms = [];
  /** @type {Schedule[]} */
  schedules = [];
  /** @type {ReturnType<typeof io> | null} */
  socket = null;

  /** @param {string} name @param {(detail: any) => void} tell */
  on(name, tell) {
    this.addEventListener(name, (event) => tell(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {string} name @param {unknown} [detail] */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {string[]} rooms */
  connect(rooms) {
    const socket = io({ path: link("/socket.io"), transports: ["websocket", "polling"], reconnectionDelayMax: 5000 });
    this.socket = socket;
    socket.on("connect", () => {
      socket.emit("watch", rooms);
      this.tell("link", true);
    });
    socket.on("disconnect", (reason) => {
      this.tell("link", false);
      if (reason === "io server disconnect") socket.connect();
    });
    socket.on("connect_error", async () => {
      this.tell("link", false);
      const signedOut = await refused();
      if (signedOut && hasGrafana() && await rotate()) {
        socket.connect();
        return;
      }
      if (signedOut) this.tell("refused");
      if (!socket.active) setTimeout(() => socket.connect(), REFUSED_PAUSE); // otherwise it tries again by itself
    });
    socket.on("devices", (updates) => this.take(updates.map(unpacked)));
    for (const kind of /** @type {const} */ (["orders", "locks", "alarms", "schedules"])) {
      socket.on(kind, (current) => {
        this[kind] = current;
        this.tell(kind, current);
      });
    }
  }

  /** Begin anew with the present cookie: the service goes on asking with the one that a connection began with. */
  reconnect() {
    this.socket?.disconnect().connect();
  }

  /** @param {LiveDevice[]} told */
  take(told) {
    for (const device of told) this.devices.set(device.device_id, { ...this.devices.get(device.device_id), ...device });
    this.tell("devices", told);
  }

  /** @param {string} deviceId */
  lockOf(deviceId) {
    return this.locks.find((lock) => lock.device_id === deviceId);
  }

  /** @param {string} deviceId */
  openAlarms(deviceId) {
    return this.alarms.filter((alarm) => alarm.device_id === deviceId && alarm.state !== "cleared");
  }
}

export const live = new Live();
