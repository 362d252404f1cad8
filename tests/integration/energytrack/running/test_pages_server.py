"""A service's pages, while others hold on to its port."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.request import urlopen
from wsgiref.simple_server import make_server

import pytest

from energytrack.running.pages_server import MOST_CONNECTIONS, PagesHandler, PagesServer
from testkit.patience import seconds_here
from testkit.stack.servers import eventually


def application(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"alive\n"]


@pytest.fixture
def port() -> Iterator[int]:
    with make_server("127.0.0.1", 0, application, server_class=PagesServer, handler_class=PagesHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def serving() -> int:
    """Threads that serve a connection; other threads of this process may end at any moment."""
    return sum(PagesServer.process_request_thread.__name__ in thread.name for thread in threading.enumerate())


@pytest.mark.parametrize("opening", [b"", b"GET /metrics HTTP/1.1\r\nX-Slow: "])
def test_hundreds_that_hold_on_keep_nobody_out(port: int, opening: bytes) -> None:
    """Nor do they take threads and files from the service."""
    before = serving()
    with ExitStack() as stack:
        for _ in range(300):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), seconds_here(10)))
            line.sendall(opening)
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=seconds_here(5)) as answer:
            assert answer.read() == b"alive\n"
        eventually(lambda: serving() - before <= MOST_CONNECTIONS)
    eventually(lambda: serving() <= before)


def test_who_says_nothing_is_shown_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesHandler, "timeout", 0.2)
    with socket.create_connection(("127.0.0.1", port), seconds_here(10)) as line:
        assert line.recv(10) == b""
