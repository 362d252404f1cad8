"""Serves a service's few pages (/metrics, /healthz, /livez) with a bound on threads and files, whoever connects."""

import socket
import threading
from contextlib import suppress
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

MOST_CONNECTIONS: Final = 32
"""Beyond this, the oldest is closed. Prometheus needs one, and a scrape takes less than a second."""
SILENT_SECONDS: Final = 10.0
"""How long a client may send nothing, or read nothing of its response."""


class PagesServer(ThreadingMixIn, WSGIServer):
    """A thread for each connection, and no more connections than `MOST_CONNECTIONS`."""

    daemon_threads = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._connections: dict[socket.socket, None] = {}
        """In the order of their arrival."""
        self._lock = threading.Lock()
        super().__init__(*arguments, **options)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a client; who holds on to a connection makes room for others."""
        with self._lock:
            self._connections[request] = None
            oldest = next(iter(self._connections)) if len(self._connections) > MOST_CONNECTIONS else None
            if oldest is not None:
                del self._connections[oldest]
        if oldest is not None:
            with suppress(OSError):  # it has just ended
                oldest.shutdown(socket.SHUT_RDWR)  # which wakes its thread
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """In the connection's thread, at its end."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that ends in the middle of a request is no event for the log."""


class PagesHandler(WSGIRequestHandler):
    """Reads a request and answers it, in its time."""

    timeout = SILENT_SECONDS

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Requests to /metrics are not logged."""
