"""The WSGI application behind /metrics: the page of all devices, then the metrics of prometheus_client."""

import gzip
from collections.abc import Callable, Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

FASTEST: Final = 1
"""Compression level: /metrics is so repetitive that higher levels cost more time than they save bytes."""


def metrics_app(registry: CollectorRegistry, devices: Callable[[], bytes]) -> WSGIApplication:
    """An application that answers every request with the metrics, compressed if the client accepts gzip."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = devices() + generate_latest(registry)
        headers = [("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)]
        if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body = gzip.compress(body, FASTEST, mtime=0)
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        start_response("200 OK", headers)
        return [body]

    return app


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client with this header accepts gzip (RFC 9110, 12.5.3)."""
    return parse_accept_header(accept_encoding, Accept).quality("gzip") > 0
