"""The typed wall around Flask-SocketIO: rooms, messages, and no endless buffer for a slow client."""

import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import flask
from flask import Flask, Request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, join_room, leave_room

MAX_MESSAGE_BYTES: Final = 10_000
"""Of a client's message: it only ever names what it watches."""
MAX_QUEUED: Final = 30
"""Messages that a client may be behind; at one or two a second it has been stuck for a quarter of a minute."""
LINE_BYTES: Final = 64_000
"""Of a connection that the kernel may hold back; it would be megabytes, and a client stuck for long before it shows."""
PATH: Final = "socket.io"


class Sockets:
    """Live connections in rooms; every method may be called from any thread."""

    def __init__(self, app: Flask, *, origins: Sequence[str]) -> None:
        self._lines: dict[str, socket.socket] = {}
        self._io = SocketIO(
            app,
            async_mode="threading",
            path=PATH,
            cors_allowed_origins=list(origins),
            cors_credentials=True,
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            ping_interval=20,
            ping_timeout=20,
            allow_upgrades=False,  # who begins with a WebSocket has one line from the beginning, which can be cut
            manage_session=False,
        )

    def on_connect(self, admit: Callable[[Request, str], bool]) -> None:
        """Ask `admit`, with the request and the connection's id, whether a client may connect."""

        def connect(_auth: object = None) -> None:
            sid: str = flask.request.sid  # type: ignore[attr-defined]  # the library's addition
            if not admit(flask.request, sid):
                raise Refused("not signed in")
            line = _line(flask.request)
            if line is not None:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LINE_BYTES)
                self._lines[sid] = line

        self._io.on_event("connect", connect)

    def on_disconnect(self, forget: Callable[[str], None]) -> None:
        """Say which connection has ended, whoever ended it."""

        def disconnect(_reason: object = None) -> None:
            sid: str = flask.request.sid  # type: ignore[attr-defined]
            forget(sid)
            line = self._lines.pop(sid, None)
            if line is not None:
                _cut(line)

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
        """End a connection."""
        self._io.server.disconnect(sid)

    def drop_slow(self) -> int:
        """End the connections of clients that do not keep up; returns how many."""
        dropped = 0
        engine = self._io.server.eio
        for eio_sid, connection in list(engine.sockets.items()):
            if connection.queue.qsize() > MAX_QUEUED:
                dropped += 1
                connection.close(wait=False, abort=True)
                engine.sockets.pop(eio_sid, None)
        return dropped


def _line(request: Request) -> socket.socket | None:
    """The connection behind a WebSocket; None for a client that polls."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return None
    return request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")


def _cut(line: socket.socket) -> None:
    """End a connection at once; otherwise the thread that waits for a client to read would wait for ever."""
    with suppress(OSError):  # it has ended already
        line.shutdown(socket.SHUT_RDWR)
