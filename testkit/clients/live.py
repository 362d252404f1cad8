"""The live connection as a browser speaks it: Socket.IO over a compressed WebSocket.

`Conversation` is the protocol alone, bytes in and out; `LiveClient` has one over its own socket.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Ping, RejectConnection, Request, TextMessage
from wsproto.extensions import PerMessageDeflate

from testkit.patience import seconds_here
from testkit.stack.servers import eventually

PATH: Final = "/socket.io/?EIO=4&transport=websocket"
OPEN, PING, PONG, JOIN, REFUSED, EVENT = "0", "2", "3", "40", "44", "42"
RECEIVE_BYTES: Final = 65_536


class ConnectionDenied(Exception):
    """The service does not let this client in."""


class Conversation:
    """One client's side, from the handshake on; bytes to send are in `outgoing`."""

    def __init__(self, host: str, headers: Mapping[str, str], auth: Mapping[str, str] | None = None) -> None:
        self._auth = auth
        self._ws = WSConnection(ConnectionType.CLIENT)
        self._parts: list[str] = []
        self.ended = False
        self.is_in = False
        self.outgoing = self._ws.send(
            Request(
                host=host,
                target=PATH,
                extensions=[PerMessageDeflate()],
                extra_headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            )
        )

    def receive(self, data: bytes) -> Iterator[tuple[str, Any]]:
        """The messages in received bytes, by name; `connect` once the service has let the client in."""
        self._ws.receive_data(data or None)
        for event in self._ws.events():
            match event:
                case AcceptConnection():
                    pass
                case RejectConnection():
                    raise ConnectionDenied(event.status_code)
                case CloseConnection():
                    self.ended = True
                case Ping():
                    self.outgoing += self._ws.send(event.response())
                case TextMessage():
                    self._parts.append(event.data)
                    if event.message_finished:
                        packet, self._parts = "".join(self._parts), []
                        yield from self._understand(packet)

    def _understand(self, packet: str) -> Iterator[tuple[str, Any]]:
        if packet.startswith(OPEN):
            self._send(JOIN if self._auth is None else JOIN + json.dumps(self._auth))
        elif packet == PING:
            self._send(PONG)
        elif packet.startswith(REFUSED):
            raise ConnectionDenied(packet)
        elif packet.startswith(JOIN):
            self.is_in = True
            yield "connect", None
        elif packet.startswith(EVENT):
            name, *arguments = json.loads(packet.removeprefix(EVENT))
            yield name, arguments[0] if arguments else None

    def emit(self, name: str, message: Any) -> None:
        self._send(EVENT + json.dumps([name, message]))

    def encode(self, message: TextMessage | BytesMessage) -> bytes:
        """Any message as it goes over the line."""
        return self._ws.send(message)

    def _send(self, packet: str) -> None:
        self.outgoing += self._ws.send(TextMessage(packet))


class LiveClient:
    """A client that watches, and keeps the latest message of each name."""

    def __init__(self, url: str, headers: Mapping[str, str], auth: Mapping[str, str] | None = None) -> None:
        address = urlsplit(url)
        self._talk = Conversation(address.netloc, headers, auth)
        self._line = socket.create_connection((address.hostname or "", address.port or 80), timeout=seconds_here(30))
        self._lock = threading.Lock()
        self.latest: dict[str, Any] = {}
        self.devices: dict[str, list[Any]] = {}
        self.ended = threading.Event()
        self.refused = False
        self._flush()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def watch(self, *rooms: str) -> "LiveClient":
        """Request rooms, once let in."""
        eventually(lambda: "connect" in self.latest)
        with self._lock:
            self._talk.emit("watch", rooms)
        self._flush()
        eventually(lambda: "schedules" in self.latest)
        return self

    def close(self) -> None:
        self._line.close() if self.ended.is_set() else self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._line.close()

    def _flush(self) -> None:
        with self._lock:
            outgoing, self._talk.outgoing = self._talk.outgoing, b""
            if outgoing:
                with suppress(OSError):  # it was cut, as the reading thread will notice
                    self._line.sendall(outgoing)

    def _read(self) -> None:
        try:
            while not self._talk.ended and (data := self._line.recv(RECEIVE_BYTES)):
                with self._lock:
                    messages = list(self._talk.receive(data))
                for name, message in messages:
                    if name == "devices":
                        self.devices.update((device[0], device) for device in message)
                    self.latest[name] = message
                self._flush()
        except ConnectionDenied:
            self.refused = True
        except OSError:
            pass  # it was cut
        finally:
            self.ended.set()


@contextmanager
def watching(url: str, headers: Mapping[str, str], *rooms: str) -> Iterator[LiveClient]:
    """A client that watches rooms while the context lasts."""
    client = LiveClient(url, headers)
    try:
        yield client.watch(*rooms)
    finally:
        client.close()


@contextmanager
def stuck(url: str, headers: Mapping[str, str]) -> Iterator[None]:
    """A client that is let in, watches the fleet, and never reads again."""
    address = urlsplit(url)
    talk = Conversation(address.netloc, headers)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(30)
        line.connect((address.hostname, address.port))
        _converse(line, talk, lambda names: "connect" in names)
        talk.emit("watch", ["fleet"])
        _converse(line, talk, lambda names: "schedules" in names)
        yield


def _converse(line: socket.socket, talk: Conversation, enough: Callable[[list[str]], bool]) -> None:
    names: list[str] = []
    while not enough(names):
        line.sendall(talk.outgoing)
        talk.outgoing = b""
        names += [name for name, _ in talk.receive(line.recv(RECEIVE_BYTES))]
    line.sendall(talk.outgoing)
    talk.outgoing = b""
