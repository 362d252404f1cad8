"""Live updates: machines once a second; orders, locks, alarms and schedules when they change."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import structlog
from flask import Request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from prometheus_client import CollectorRegistry, Counter, Gauge
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from control_api.auth.access import Authenticator
from control_api.http.problems import Problem
from control_api.live.fleet import LiveFleet
from control_api.live.snapshots import FOLLOWS, Message
from control_api.live.sockets import Sockets
from energytrack.clock import Clock
from energytrack.consume import Taken
from energytrack.errors import StoreUnavailable
from energytrack.store import Store

log = structlog.get_logger(__name__)

EVERYBODY: Final = "everybody"
"""The room of all connections; clients cannot ask for it by name."""
FLEET: Final = "fleet"
ROOM: Final = re.compile(r"fleet|line:[^\x00-\x1f]{1,64}|device:[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
MAX_ROOMS: Final = 50
WATCHES: Final = parse("30/minute")
"""How often a client may change its rooms; each time it gets the full state again."""
RECHECK_SECONDS: Final = 30.0
"""How long a user who signed out, or lost a role, stays connected."""
SNAPSHOT_SECONDS: Final = 2.0
"""How long a new client waits for the database before it gets the cached state."""

STRANGER: Final = "not signed in"

Snapshot = Callable[[], object]


@dataclass
class LiveUpdates:
    """The live connections and their updates; one in each replica, fed by a consumer group of its own."""

    sockets: Sockets
    fleet: LiveFleet
    access: Authenticator
    store: Store
    clock: Clock
    snapshots: Mapping[Message, Snapshot]
    """Reads the current state of each message as plain values."""
    registry: CollectorRegistry
    _clients: dict[str, tuple[Request, float]] = field(default_factory=dict)
    _watched: dict[str, set[str]] = field(default_factory=dict)
    _counts: dict[Message, int] = field(default_factory=dict)
    _last: dict[Message, object] = field(default_factory=dict)
    """The cached state of each message."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def __post_init__(self) -> None:
        self._connected = Gauge("energytrack_control_live_clients", "Live connections.", registry=self.registry)
        self._dropped = Counter(
            "energytrack_control_live_dropped", "Live connections ended because the client did not keep up.",
            registry=self.registry,
        )  # fmt: skip
        self.sockets.on_connect(self._admit)
        self.sockets.on_disconnect(self._forget)
        self.sockets.on("watch", self._watch)

    def _admit(self, request: Request, sid: str, token: str | None) -> str | None:
        """Admit a client, or say why not; its origin has been checked before, its identity is checked here.

        A token that it sent takes precedence over its headers.
        """
        kept = {name: request.headers[name] for name in ("Cookie", "Authorization") if name in request.headers}
        if token is not None:
            if not token.isascii() or not token.isprintable():
                return STRANGER
            kept = {"Authorization": f"Bearer {token}"}
        shown = Request(EnvironBuilder(headers=Headers(kept)).get_environ())
        try:
            caller = self.access.caller(shown)
        except Problem as problem:
            return problem.detail
        refusal = STRANGER if caller is None else self.sockets.refusal(request, caller.identity.subject)
        if refusal is not None:
            return refusal
        self._clients[sid] = (shown, self.clock.monotonic())
        self._connected.set(len(self._clients))
        self.sockets.enter(sid, EVERYBODY)
        return None

    def _forget(self, sid: str) -> None:
        self._clients.pop(sid, None)
        self._watched.pop(sid, None)
        self._connected.set(len(self._clients))

    def _watch(self, sid: str, rooms: Any) -> None:
        """Replace the client's rooms: the fleet, lines, devices."""
        if not isinstance(rooms, list) or len(rooms) > MAX_ROOMS or sid not in self._clients:
            return
        if not self._limiter.hit(WATCHES, sid):
            self._cut_off(sid)
            return
        wanted = {room for room in rooms if isinstance(room, str) and ROOM.fullmatch(room)}
        before = self._watched.get(sid, set())
        self._watched[sid] = wanted
        for room in before - wanted:
            self.sockets.leave(sid, room)
        for room in wanted - before:
            self.sockets.enter(sid, room)
        with self._lock:
            watched = [
                msgspec.to_builtins(update)
                for update in self.fleet.all()
                if _watches(wanted, update.device_id, self.fleet)
            ]
        self.sockets.send("devices", watched, room=sid)
        try:
            for name in self.snapshots:
                self.sockets.send(name, self._current(name), room=sid)
        except StoreUnavailable as error:
            log.warning("a live client was disconnected, it will reconnect", error=str(error))
            self._cut_off(sid)

    def _current(self, name: Message) -> object:
        """The state of a message; while the database does not answer in time, the cached state."""
        try:
            with self.store.within(SNAPSHOT_SECONDS):
                self._last[name] = self.snapshots[name]()
        except StoreUnavailable:
            if name not in self._last:
                raise
        return self._last[name]

    def take(self, batch: Sequence[Taken]) -> None:
        """Fold a batch of messages."""
        with self._lock:
            for taken in batch:
                self.fleet.take(taken.message)

    def send_changed_machines(self) -> None:
        """Send each room the machines that changed, in one message; updates that nobody watches are not computed."""
        rooms: dict[str, list[object]] = {}
        with self._lock:  # whoever enters a room now gets the full state afterwards
            occupied = {room for room in self.sockets.occupied() if ROOM.fullmatch(room)}
            changed = self.fleet.changed() if occupied else frozenset()
            for device_id in changed:
                rooms_of_machine = (FLEET, f"line:{self.fleet.line_of(device_id)}", f"device:{device_id}")
                watching = occupied.intersection(rooms_of_machine)
                if watching:
                    plain = msgspec.to_builtins(self.fleet.update(device_id))
                    for room in watching:
                        rooms.setdefault(room, []).append(plain)
        for room, updates in rooms.items():
            self.sockets.send("devices", updates, room=room)
        self.sockets.drop_strangers(self.clock.monotonic())
        slow = self.sockets.drop_slow()
        if slow:
            self._dropped.inc(slow)
            log.info("live clients dropped because they did not keep up", clients=slow)

    def send_changed_records(self) -> None:
        """Send the orders, locks, alarms, cases and schedules that changed, on whichever replica, to everybody."""
        if not self._clients:
            return
        counts = self.store.changes.counts()
        for name, snapshot in self.snapshots.items():
            count = counts.get(FOLLOWS.get(name, name), 0)
            if count != self._counts.get(name):
                self._counts[name] = count
                self._last[name] = snapshot()
                self.sockets.send(name, self._last[name], room=EVERYBODY)

    def check_again(self) -> None:
        """Disconnect clients that may no longer watch."""
        due = self.clock.monotonic() - RECHECK_SECONDS
        for sid, (request, checked) in list(self._clients.items()):
            if checked > due:
                continue
            try:
                may_watch = self.access.caller(request) is not None
            except Problem:
                continue  # Grafana is slow: in the next round
            if not may_watch:
                self._cut_off(sid)
            else:
                self._clients[sid] = (request, self.clock.monotonic())

    def _cut_off(self, sid: str) -> None:
        self.sockets.drop(sid)
        self._forget(sid)


def _watches(rooms: set[str], device_id: str, fleet: LiveFleet) -> bool:
    return FLEET in rooms or f"device:{device_id}" in rooms or f"line:{fleet.line_of(device_id)}" in rooms
