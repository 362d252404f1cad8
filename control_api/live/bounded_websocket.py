"""The only import of simple-websocket: a WebSocket whose client can fill neither memory nor processor.

The library collects a message however large it becomes, and messages however many there are: a client that never ends
one, or that sends faster than they are handled, would take all memory.
"""

import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import simple_websocket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_MESSAGE_BYTES: Final = 10_000
"""Limit of a client's message, which only names rooms."""
MOST_UNHANDLED: Final = 100
"""How many messages of a client may wait."""
PER_MINUTE: Final = 240
"""How many messages, or parts of messages, a client may send in a minute. A page answers a ping every 20 s and seldom
changes its rooms.
"""
_MINUTE: Final = 60.0


class Quota:
    """Counts what a client sends in each minute; `now` is in seconds of any clock."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._count = 0

    def allows(self, now: float) -> bool:
        """Whether another one is within the limit."""
        if now - self._since >= _MINUTE:
            self._since, self._count = now, 0
        self._count += 1
        return self._count <= PER_MINUTE


class _Line(simple_websocket.Server):  # type: ignore[misc]  # the library is untyped
    def __init__(self, environ: "WSGIEnvironment") -> None:
        self._received = Quota(time.monotonic())
        super().__init__(environ, max_message_size=MAX_MESSAGE_BYTES)

    def _handle_events(self) -> bool:
        """After each few kilobytes that arrived, in the thread that reads; False ends the connection."""
        goes_on: bool = super()._handle_events()
        if not self._received.allows(time.monotonic()) or len(self.input_buffer) > MOST_UNHANDLED:
            goes_on = False
        if not goes_on:
            self.input_buffer.clear()
            self.connected = False
            self.event.set()  # wakes the thread that waits for a message
        return goes_on


class BoundedWebSocket:
    """What Engine.IO speaks to, in place of its own class: `handle` is called with it until the connection ends."""

    def __init__(self, handle: Callable[["BoundedWebSocket"], object], _server: object) -> None:
        self._handle = handle
        self._messages = Quota(time.monotonic())
        self._line: Any = None
        self._connection: Any = None

    def __call__(self, environ: "WSGIEnvironment", _start_response: "StartResponse") -> Iterable[bytes]:
        self._connection = environ.get("gunicorn.socket") or environ["werkzeug.socket"]
        self._connection.settimeout(None)  # it may be silent for longer than a request
        self._line = _Line(environ)
        self._handle(self)
        if self._line.mode == "gunicorn":
            raise StopIteration  # it has no response to write
        raise ConnectionError  # the same, for werkzeug

    def wait(self) -> str | bytes | None:
        """The next message; None at the end."""
        try:
            message: str | bytes = self._line.receive()
        except simple_websocket.ConnectionClosed:
            return None
        if not self._messages.allows(time.monotonic()):
            with suppress(OSError):  # it has already ended
                self._connection.shutdown(socket.SHUT_RDWR)  # a normal close would wait for the client to read
            return None
        return message

    def send(self, message: str | bytes) -> None:
        """Raises OSError if it has ended."""
        try:
            self._line.send(message)
        except simple_websocket.ConnectionClosed as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        """End it, if it has not ended yet."""
        if self._line.connected:
            self._line.close()
