"""Stands in for a server that asks for a user and a password."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class GuardedServer:
    """Its address, and the status of each answer so far: 401 without the right password, else 200."""

    port: int = 0
    answered: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def guarded_server(user: str, password: str, page: bytes = b"{}") -> Iterator[GuardedServer]:
    """Listens on any free port of the loopback interface; answers every request with `page`."""
    made = GuardedServer()
    expected = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"

    class GuardedHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer()

        def _answer(self) -> None:
            status = 200 if self.headers["Authorization"] == expected else 401
            made.answered.append(status)
            self.send_response(status)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # the base class names it so

    with ThreadingHTTPServer(("127.0.0.1", 0), GuardedHandler) as server:
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()
