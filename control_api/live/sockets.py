"""The only import of Flask-SocketIO, which is untyped: rooms, messages, and a limit for slow clients."""

import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import flask
from flask import Flask, Request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, join_room, leave_room

from control_api.http.problems import Problem, answer_problem
from control_api.live.bounded_websocket import MAX_MESSAGE_BYTES, BoundedWebSocket
from control_api.live.seats import KEY, Seat, Seats
from energytrack.errors import StoreUnavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_QUEUED: Final = 30
"""How many messages a client may lag behind; at one or two a second it has been stuck for 15 seconds or more."""
SEND_BUFFER_BYTES: Final = 64_000
"""The operating system's buffer of a connection; with the default of megabytes a stuck client is detected too late."""
PATH: Final = "socket.io"
MOST_STRANGERS: Final = 32
"""How many connections without credentials may wait to introduce themselves; others are refused meanwhile."""
INTRODUCTION_SECONDS: Final = 5.0


class LiveConnectionGuard:
    """WSGI middleware before the live connections: refuses clients without permission before the upgrade.

    Socket.IO itself checks only after the upgrade, and waits for the client. Its `auth: {token}` is sent after the
    upgrade, so a few clients without any credentials are let in for a moment to send theirs. `caller_of` gives the
    subject of the others, None if they may not watch.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        caller_of: Callable[[Request], str | None],
        has_room: Callable[[], bool],
        seats: Seats,
    ) -> None:
        self._app = app
        self._caller_of = caller_of
        self._has_room = has_room
        self._seats = seats
        self._polled: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        if not request.path.startswith(f"/{PATH}"):
            return self._app(environ, start_response)
        session = request.args.get("sid")
        if session is None:
            return self._begin(request, start_response)
        if request.method == "GET":
            return self._poll(session, request, start_response)
        return self._app(environ, start_response)

    def _begin(self, request: Request, start_response: "StartResponse") -> Iterable[bytes]:
        """Refuse a new connection, or give it a seat."""
        seat = Seat()
        with self._seats.occupied(seat):
            try:
                refusal = self._refusal(request, seat)
            except Problem as problem:
                response = answer_problem(problem)
                response.headers["Connection"] = "close"
                return response(request.environ, start_response)
            if refusal is not None:
                return _refuse(start_response, refusal)
            request.environ[KEY] = seat
            return self._app(request.environ, start_response)

    def _poll(self, session: str, request: Request, start_response: "StartResponse") -> Iterable[bytes]:
        """Answer once there is news, in one thread for each session: its second question at a time is refused.

        So is an upgrade of a session that began without a WebSocket: nothing could end it.
        """
        with self._lock:
            if session in self._polled or "Upgrade" in request.headers:
                return _refuse(start_response, "400 Bad Request")
            self._polled.add(session)
        try:
            return self._app(request.environ, start_response)
        finally:
            with self._lock:
                self._polled.discard(session)

    def _refusal(self, request: Request, seat: Seat) -> str | None:
        """The status of a refusal without a sentence; raises Problem where there is one."""
        if "Authorization" not in request.headers and "Cookie" not in request.headers:
            return None if self._has_room() else "401 Unauthorized"
        try:
            caller = self._caller_of(request)
        except StoreUnavailable:
            return "503 Service Unavailable"
        if caller is None:
            return "401 Unauthorized"
        if not self._seats.claim(seat, caller):
            raise Problem("too_many_requests", no_seat(self._seats.each))
        return None


def no_seat(each: int) -> str:
    """Why somebody who may watch gets no live connection."""
    connections = "1 live connection" if each == 1 else f"{each} live connections"
    return f"You have {connections} already, which is the most for one person or token; close some of your pages."


def _refuse(start_response: "StartResponse", status: str) -> Iterable[bytes]:
    start_response(status, [("Content-Length", "0"), ("Connection", "close")])
    return ()


class Sockets:
    """Live connections in rooms; every method may be called from any thread.

    `caller_of` is called before a connection is upgraded; `on_connect` sets the check after it. A caller has at most
    `each` connections.
    """

    def __init__(
        self, app: Flask, *, origins: Sequence[str], caller_of: Callable[[Request], str | None], each: int
    ) -> None:
        self._connections: dict[str, socket.socket] = {}
        self._since: dict[str, float] = {}
        self._io = SocketIO(
            app,
            async_mode="threading",
            path=PATH,
            cors_allowed_origins=list(origins),
            cors_credentials=True,
            max_http_buffer_size=MAX_MESSAGE_BYTES,  # of clients that poll
            ping_interval=20,
            ping_timeout=20,
            allow_upgrades=False,  # a client that starts with a WebSocket has a single connection, which can be ended
            manage_session=False,
        )
        engine = self._io.server.eio
        engine._async = {**engine._async, "websocket": BoundedWebSocket}  # noqa: SLF001  # there is no public way
        self._seats = Seats(each, self._lasting_seats)
        app.wsgi_app = LiveConnectionGuard(  # type: ignore[method-assign]
            app.wsgi_app, caller_of, self._has_room, self._seats
        )

    def _lasting_seats(self) -> list[Seat]:
        """The seats of clients that poll, among others."""
        server = self._io.server
        environs = [server.environ.get(eio_sid, {}) for eio_sid in list(server.eio.sockets)]
        return [environ[KEY] for environ in environs if KEY in environ]

    def refusal(self, request: Request, caller: str) -> str | None:
        """Why a caller gets no further connection, in a sentence; None if they get it.

        `request` is the one that began the connection.
        """
        seat: Seat = request.environ[KEY]
        return None if seat.caller == caller or self._seats.claim(seat, caller) else no_seat(self._seats.each)

    def on_connect(self, admit: Callable[[Request, str, str | None], str | None]) -> None:
        """Call `admit` to decide whether a client may connect; it returns why not, None to let it in.

        It gets the request, the connection's id, and the token that the client sent as `auth: {token}`.
        """

        def connect(auth: object = None) -> None:
            sid: str = flask.request.sid  # type: ignore[attr-defined]  # the library's addition
            token = auth.get("token") if isinstance(auth, dict) else None
            refusal = admit(flask.request, sid, token if isinstance(token, str) else None)
            if refusal is not None:
                raise Refused(refusal)
            connection = _socket(flask.request)
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
                self._connections[sid] = connection

        self._io.on_event("connect", connect)

    def on_disconnect(self, forget: Callable[[str], None]) -> None:
        """Call `forget` with each connection that has ended, on either side."""

        def disconnect(_reason: object = None) -> None:
            sid: str = flask.request.sid  # type: ignore[attr-defined]
            forget(sid)
            connection = self._connections.pop(sid, None)
            if connection is not None:
                _cut(connection)

        self._io.on_event("disconnect", disconnect)

    def on(self, name: str, handle: Callable[[str, Any], None]) -> None:
        """Call `handle` with the connection's id and what the client sent."""

        def receive(sent: Any = None) -> None:
            handle(flask.request.sid, sent)  # type: ignore[attr-defined]

        self._io.on_event(name, receive)

    def send(self, name: str, message: Any, *, room: str) -> None:
        """Send to everybody in a room; a connection's id is a room too."""
        self._io.emit(name, message, to=room)

    def enter(self, sid: str, room: str) -> None:
        """Put a connection into a room."""
        with suppress(KeyError, ValueError):  # it has ended meanwhile
            join_room(room, sid=sid, namespace="/")

    def leave(self, sid: str, room: str) -> None:
        """Take a connection out of a room."""
        leave_room(room, sid=sid, namespace="/")

    def occupied(self) -> Mapping[str, int]:
        """How many connections are in each room."""
        rooms = self._io.server.manager.rooms.get("/", {})
        return {str(room): len(members) for room, members in list(rooms.items()) if room is not None}

    def drop(self, sid: str) -> None:
        self._io.server.disconnect(sid)

    def _strangers(self) -> list[str]:
        """Connections that have not authenticated yet."""
        server = self._io.server
        return [
            eio_sid for eio_sid in list(server.eio.sockets) if server.manager.sid_from_eio_sid(eio_sid, "/") is None
        ]

    def _has_room(self) -> bool:
        return len(self._strangers()) < MOST_STRANGERS

    def drop_strangers(self, now: float) -> None:
        """End the connections that have not authenticated in time; `now` is in seconds of any clock."""
        engine = self._io.server.eio
        self._since = {eio_sid: self._since.get(eio_sid, now) for eio_sid in self._strangers()}
        for eio_sid in [eio_sid for eio_sid, since in self._since.items() if now - since > INTRODUCTION_SECONDS]:
            line = _line(self._io.server.environ.get(eio_sid, {}))
            connection = engine.sockets.pop(eio_sid, None)
            if connection is not None:
                connection.close(wait=False, abort=True)
            if line is not None:
                _cut(line)

    def drop_slow(self) -> int:
        """End the connections of slow clients; returns how many."""
        dropped = 0
        engine = self._io.server.eio
        for eio_sid, connection in list(engine.sockets.items()):
            if connection.queue.qsize() > MAX_QUEUED:
                dropped += 1
                connection.close(wait=False, abort=True)
                engine.sockets.pop(eio_sid, None)
        return dropped


def _socket(request: Request) -> socket.socket | None:
    """The connection behind a WebSocket; None for a client that polls."""
    return _line(request.environ)


def _line(environ: Mapping[str, Any]) -> socket.socket | None:
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return None
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")


def _cut(connection: socket.socket) -> None:
    """End a connection at once; a normal close would wait forever for the client to read."""
    with suppress(OSError):  # it has already ended
        connection.shutdown(socket.SHUT_RDWR)
