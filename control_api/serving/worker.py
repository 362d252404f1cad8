"""gunicorn's threaded worker, protected from clients that are slow on purpose.

gunicorn spends a thread on a connection as soon as its first byte arrives, and waits in it for the rest: a few hundred
clients that send a byte every few seconds block all threads for everybody else. Here a thread is used only after the
complete request has arrived, clients that take too long are disconnected, and live connections, which stay open, have
their own threads. Nor does the loop's thread wait for clients that do not close their end.
"""

import errno
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

from control_api.serving.arrival import POOLS, Arrival, Pool, arrival

ARRIVAL_SECONDS: Final = 10.0
"""How long a request may take to arrive: from its first byte on, or for the first request from the connection on."""
STALL_SECONDS: Final = 10.0
"""How long a response may take to be read, and each part of a long body to arrive."""
LINGER_SECONDS: Final = 2.0
"""How long a client may take to read its last response before the connection is closed."""
RECEIVE_BYTES: Final = 65_536
THREADS: Final[dict[Pool, int]] = {"uploads": 16, "exports": 24, "pages": 16, "health": 1}
"""For requests that need no more, however large the plant."""
MOST_WAITING: Final[dict[Pool, int]] = {"uploads": 200, "exports": 300, "pages": 500, "health": 100}
OPEN_FILES_KEPT: Final = 256
"""File descriptors for Kafka, the database and files, besides connections."""

_PHRASES: Final = {
    408: "Request Timeout",
    411: "Length Required",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class Connection(TConn):  # type: ignore[misc]  # the library is untyped
    """A client's connection, and what has arrived of its next request."""

    received: bytearray
    until: float
    """When it is closed unless something happens."""
    pool: Pool
    body_follows: bool


class _BoundedLine:
    """What the library reads a long body from: each part, and the whole, has to arrive in time."""

    def __init__(self, line: socket.socket, seconds: float) -> None:
        self._line = line
        self._until = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """Raises TimeoutError."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the body did not arrive in time")
        self._line.settimeout(min(left, STALL_SECONDS))
        try:
            return self._line.recv(size)
        finally:
            self._line.settimeout(STALL_SECONDS)


class BufferingWorker(ThreadWorker):  # type: ignore[misc]
    """Waits for complete requests in one thread, for all clients at once; serves them in the pool of their kind."""

    live_threads: int = 1000
    """Set by `server`."""
    body_seconds: float = 60.0
    """How long a body may take that is too large to be waited for (`arrival`): an import, many alerts."""

    def init_process(self) -> None:
        """Create the thread pools before the loop begins."""
        sizes: dict[Pool, int] = {"work": self.cfg.threads, "live": self.live_threads, **THREADS}
        self._pools = {pool: ThreadPoolExecutor(sizes[pool], thread_name_prefix=pool) for pool in POOLS}
        self._busy = dict.fromkeys(POOLS, 0)
        self._most = {"work": self.worker_connections, "live": self.live_threads, **MOST_WAITING}
        self._waiting: dict[Connection, None] = {}
        """Connections whose next request has not arrived; a dict, ordered by waiting time."""
        self._lingering: dict[Connection, None] = {}
        self._live: dict[Connection, None] = {}
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """The pool that the library stops at the end."""
        return self._pools["work"]

    def accept(self, listener: socket.socket) -> None:
        """Accept a client, and wait for its request."""
        try:
            line, address = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self._make_room()
            elif error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        connection = Connection(self.cfg, line, address, listener.getsockname())
        connection.init()
        self._wait(connection, ARRIVAL_SECONDS)

    def _make_room(self) -> None:
        """Close the connection that has waited longest for its request."""
        for connection in (*self._lingering, *self._waiting):
            self._drop(connection)
            return

    def _wait(self, connection: Connection, seconds: float, received: bytes = b"") -> None:
        connection.sock.setblocking(False)
        connection.received = bytearray(received)
        connection.until = time.monotonic() + seconds
        self._waiting[connection] = None
        self.poller.register(connection.sock, 1, partial(self._receive, connection))
        if received:
            self._look_at(connection)

    def _receive(self, connection: Connection, line: socket.socket) -> None:
        data = _received(line)
        if data is None:
            return
        if not data:
            self._drop(connection)
            return
        if not connection.received:
            connection.until = time.monotonic() + ARRIVAL_SECONDS
        connection.received += data
        self._look_at(connection)

    def _look_at(self, connection: Connection) -> None:
        request = arrival(connection.received)
        if request is None:
            return
        if request.refusal is not None:
            self._refuse(connection, request.refusal)
        elif len(connection.received) >= request.whole:
            self._serve(connection, request)

    def _serve(self, connection: Connection, request: Arrival) -> None:
        if self._busy[request.pool] >= self._most[request.pool]:
            self._refuse(connection, 503)
            return
        self._forget(connection)
        connection.pool, connection.body_follows = request.pool, request.body_follows
        connection.parser.unreader.unread(bytes(connection.received))
        connection.received = bytearray()
        connection.data_ready = True
        self._busy[request.pool] += 1
        if request.pool == "live":
            self._live[connection] = None
        served = self._pools[request.pool].submit(self.handle, connection)
        served.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, connection, future))

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Serve a request in its thread; clients that do not read, or that trickle, cannot keep the thread for long."""
        conn.sock.settimeout(STALL_SECONDS)
        if conn.body_follows:
            conn.parser.unreader.sock = _BoundedLine(conn.sock, self.body_seconds)
        try:
            with _lent(conn) if _may_take_over(req) else nullcontext():
                keep: bool = super().handle_request(req, conn)
        except TimeoutError:
            return False
        return keep and not conn.body_follows and conn.pool != "live"

    def finish_request(self, conn: Connection, fs: "Future[bool]") -> None:
        """After a request, in the loop's thread: wait for the next one, or close the connection."""
        self._busy[conn.pool] -= 1
        self._live.pop(conn, None)
        if not fs.cancelled() and fs.exception() is None and fs.result() and self.alive:
            self._wait(conn, self.cfg.keepalive, conn.parser.unreader.take_buffered())
        else:
            self._linger(conn)

    def _linger(self, connection: Connection) -> None:
        """Close once the client has read the response.

        Closing at once would cut it off while the client still sends.
        """
        try:
            connection.sock.setblocking(False)
            connection.sock.shutdown(socket.SHUT_WR)
            self.poller.register(connection.sock, 1, partial(self._discard, connection))
        except (OSError, ValueError, KeyError):
            self._drop(connection)
            return
        connection.until = time.monotonic() + LINGER_SECONDS
        self._lingering[connection] = None

    def _discard(self, connection: Connection, line: socket.socket) -> None:
        if _received(line) == b"":
            self._drop(connection)

    def _refuse(self, connection: Connection, status: int) -> None:
        self._forget(connection)
        later = "Retry-After: 5\r\n" if status == 503 else ""
        answer = f"HTTP/1.1 {status} {_PHRASES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n{later}\r\n"
        with suppress(OSError):
            connection.sock.send(answer.encode())
        self._linger(connection)

    def _forget(self, connection: Connection) -> None:
        self._waiting.pop(connection, None)
        self._lingering.pop(connection, None)
        with suppress(OSError, ValueError, KeyError):
            self.poller.unregister(connection.sock)

    def _drop(self, connection: Connection) -> None:
        """Close, once: an event may still be under way for a connection that another event has closed."""
        self._forget(connection)
        if connection.sock.fileno() < 0:
            return
        self.nr_conns -= 1
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)  # who was lent it reads its end
        connection.close()

    def murder_pending(self) -> None:
        """Every second: disconnect clients whose time is up; at the end, all waiting clients."""
        now = time.monotonic()
        for connection in [one for one in self._waiting if one.until <= now or not self.alive]:
            if connection.received:
                self._refuse(connection, 408)
            else:
                self._drop(connection)
        for connection in [one for one in self._lingering if one.until <= now]:
            self._drop(connection)
        if not self.alive:
            for connection in list(self._live):
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)


def _may_take_over(request: Any) -> bool:
    """Whether the application may keep the connection for a protocol of its own.

    Long polling does not: its first request is kept as long as its session, and would keep the socket open.
    """
    return any(name.upper() == "UPGRADE" for name, _ in request.headers)


@contextmanager
def _lent(connection: Connection) -> Iterator[None]:
    """Give the application a socket of its own, which it may close when it likes.

    The WebSocket library closes it in a thread that may outlast the request. Were it the one that the loop listens to,
    the next client would be given its number while the loop still knows the last one by it.
    """
    own = connection.sock
    connection.sock = own.dup()
    try:
        yield
    finally:
        connection.sock = own


def _received(line: socket.socket) -> bytes | None:
    """What has arrived; empty at the end of the stream, None on a false alarm."""
    try:
        return line.recv(RECEIVE_BYTES)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""
