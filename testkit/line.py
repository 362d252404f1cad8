"""A connection between two computers that a test cuts and mends: a TCP proxy that stops forwarding."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from local.site import HOST

CHUNK: Final = 65_536
LOOK_SECONDS: Final = 0.2


class BreakableConnection:
    """Forwards `port` to `target`. While it is cut, nothing passes, without a notice, as in reality."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self.bytes = 0
        """The number of bytes that went to the target."""
        self._target = target
        self._whole = threading.Event()
        self._ended = threading.Event()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server((HOST, port))
        self._listener.settimeout(LOOK_SECONDS)
        self._whole.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Let nothing pass from now on."""
        self._whole.clear()

    def mend(self) -> None:
        """Let new connections pass; earlier ones are lost, as after any longer cut."""
        self._hang_up()
        self._whole.set()

    def close(self) -> None:
        self._ended.set()
        self._whole.set()
        self._hang_up()
        self._listener.close()

    def _hang_up(self) -> None:
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            with suppress(OSError):
                near, _ = self._listener.accept()
                near.settimeout(None)
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        self._whole.wait()
        try:
            far = socket.create_connection((HOST, self._target))
        except OSError:
            near.close()
            return
        self._pairs.append((near, far))
        threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
        self._pass(far, near, counts=False)

    def _pass(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                self._whole.wait()
                sink.sendall(data)
                self.bytes += len(data) * counts
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def a_line(port: int, target: int) -> Iterator[BreakableConnection]:
    """A connection that works at first, while the context lasts."""
    line = BreakableConnection(port, target)
    try:
        yield line
    finally:
        line.close()
