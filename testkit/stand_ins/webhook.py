"""Stands in for a receiver of webhooks: accepts every post and keeps it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class ReceivedPost:
    path: str
    authorization: str | None
    body: dict[str, Any]


@dataclass
class Webhooks:
    """A receiver's address, and the posts so far."""

    url: str
    taken: list[ReceivedPost] = field(default_factory=list)


@contextmanager
def webhooks(port: int) -> Iterator[Webhooks]:
    """Listens on this port of the loopback interface; 0 means any free one."""
    made = Webhooks("")

    class WebhookHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.taken.append(ReceivedPost(self.path, self.headers["Authorization"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # the base class names it so

    with ThreadingHTTPServer(("127.0.0.1", port), WebhookHandler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()
