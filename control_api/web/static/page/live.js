// What the service tells while it happens, kept so that every view can read it.
import { io } from "../vendor/socket.io.esm.min.js";
import { link } from "./api.js";

const FIELDS = ["device_id", "at", "state", "temperature", "pressure", "current", "power_watts", "risk", "prediction",
  "recommendations", "factors", "silent"];

const REFUSED_PAUSE = 15_000;

async function refused() {
  // A browser does not tell a page why a WebSocket was not opened.
  try {
    return (await fetch(link("/api/auth"))).status === 401;
  } catch {
    return false;
  }
}

class Live extends EventTarget {
  constructor() {
    super();
    this.devices = new Map();
    this.orders = [];
    this.locks = [];
    this.alarms = [];
    this.schedules = [];
  }

  on(name, tell) {
    this.addEventListener(name, (event) => tell(event.detail));
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  connect(rooms) {
    const socket = io({ path: link("/socket.io"), transports: ["websocket", "polling"], reconnectionDelayMax: 5000 });
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
      if (await refused()) this.tell("refused");
      if (!socket.active) setTimeout(() => socket.connect(), REFUSED_PAUSE); // otherwise it tries again by itself
    });
    socket.on("devices", (updates) => {
      const told = updates.map((update) => Object.fromEntries(FIELDS.map((field, index) => [field, update[index]])));
      for (const device of told) this.devices.set(device.device_id, { ...this.devices.get(device.device_id), ...device });
      this.tell("devices", told);
    });
    for (const kind of ["orders", "locks", "alarms", "schedules"]) {
      socket.on(kind, (current) => {
        this[kind] = current;
        this.tell(kind, current);
      });
    }
  }

  lockOf(deviceId) {
    return this.locks.find((lock) => lock.device_id === deviceId);
  }

  openAlarms(deviceId) {
    return this.alarms.filter((alarm) => alarm.device_id === deviceId && alarm.state !== "cleared");
  }
}

export const live = new Live();
