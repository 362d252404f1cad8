"""Clients that cost a server as much as they can: hundreds in one thread, each with its own socket."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from statistics import median
from typing import Final
from urllib.parse import urlsplit

EVERY_SECONDS: Final = 1.0
ROUNDS: Final = 3

DRIPPED_BODY: Final = (
    b"POST %(path)ssign-in HTTP/1.1\r\nHost: %(host)s\r\nContent-Type: application/json\r\n"
    b"Content-Length: 60000\r\n\r\n{"
)
CHUNKED_BODY: Final = (
    b"POST %(path)ssign-in HTTP/1.1\r\nHost: %(host)s\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
)
LONG_BODY: Final = DRIPPED_BODY.replace(b"60000", b"150000")
"""Too long for a server to wait for before it looks who sends it."""
UPGRADING_BODY: Final = LONG_BODY.replace(b"Content-Type", b"Upgrade: x\r\nContent-Type")
DRIPPED_HEAD: Final = b"GET %(path)sapi/devices HTTP/1.1\r\nHost: %(host)s\r\nX-Slow: "
SILENT: Final = b""
STRANGERS_LIVE: Final = (
    b"GET %(path)ssocket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %(host)s\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
UNREAD_PAGE: Final = b"GET %(path)sdocs/assets/swagger-ui-bundle.js HTTP/1.1\r\nHost: %(host)s\r\n\r\n"
KEPT_OPEN: Final = b"GET %(path)srunbook HTTP/1.1\r\nHost: %(host)s\r\nConnection: close\r\n\r\n"


class SlowClients:
    """Clients of one kind: each begins with `opening`, then sends a byte a second and reads nothing."""

    def __init__(self, url: str, opening: bytes, count: int, *, drips: bool = True) -> None:
        address = urlsplit(url)
        self._address = (address.hostname or "", address.port or 80)
        self._opening = opening % {b"host": address.netloc.encode(), b"path": (address.path or "/").encode()}
        self._count = count
        self._drips = drips
        self._lines: list[socket.socket] = []
        self.enough = threading.Event()
        self.there = threading.Event()
        """Whether all have been connected once."""
        self._thread = threading.Thread(target=self._go_on)

    def come(self) -> None:
        """Open all connections, and reopen those that are closed."""
        self._thread.start()

    def go(self) -> None:
        self.enough.set()
        self._thread.join()
        for line in self._lines:
            line.close()

    def _go_on(self) -> None:
        while not self.enough.wait(EVERY_SECONDS):
            self._lines = [line for line in self._lines if self._still(line)]
            for _ in range(self._count - len(self._lines)):
                if self.enough.is_set():
                    return
                with suppress(OSError):
                    self._lines.append(self._line())
            self.there.set()

    def _line(self) -> socket.socket:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.settimeout(5)
        line.connect(self._address)
        line.sendall(self._opening)
        line.setblocking(False)
        return line

    def _still(self, line: socket.socket) -> bool:
        """Whether a connection is open; sends another byte, and does not read."""
        try:
            if self._drips:
                line.send(b"x")
            ended = line.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return True
        except OSError:
            ended = True
        if ended:
            line.close()
        return not ended


@contextmanager
def besieged(url: str, *crowds: tuple[bytes, int]) -> Iterator[None]:
    """Slow clients of all kinds occupy a service, from a separate process, while the context lasts."""
    options = json.dumps([url, [(opening.decode(), count) for opening, count in crowds]])
    command = [sys.executable, "-m", "testkit.clients.slow", options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as crowd:
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == b"there\n"
        try:
            yield
        finally:
            crowd.communicate()


def main(options: str) -> None:
    """Run the clients until the standard input ends."""
    url, crowds = json.loads(options)
    made = [SlowClients(url, opening.encode(), count, drips="X-Slow" in opening or "POST" in opening or not opening)
            for opening, count in crowds]  # fmt: skip
    for crowd in made:
        crowd.come()
    for crowd in made:
        crowd.there.wait()
    sys.stdout.write("there\n")
    sys.stdout.flush()
    sys.stdin.read()
    for crowd in made:
        crowd.go()


def slowest(call: Callable[[], None], *, seconds: float) -> float:
    """A call is repeated in three rounds, for `seconds` together: the median of the longest times of each, in seconds.

    If the machine is busy with something else for a moment, that affects one round; slow clients affect all. So in one
    round of three a call may have taken longer.
    """
    return median(_slowest_of_round(call, seconds / ROUNDS) for _ in range(ROUNDS))


def _slowest_of_round(call: Callable[[], None], seconds: float) -> float:
    longest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        call()
        longest = max(longest, time.monotonic() - begin)
        time.sleep(0.2)
    return longest


if __name__ == "__main__":
    main(sys.argv[1])
