"""The WSGI applications behind /metrics (all devices, then what prometheus_client collects) and behind /ledger."""

import gzip
from collections.abc import Callable, Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from energytrack.errors import StoreUnavailable
from exporters.ledger.remote_read import MOST_BYTES, Malformed, QueryTooLarge, answer_of, questions_of
from exporters.ledger.series import LedgerSeries

LEDGER_PATH: Final = "/ledger"
"""The path at which Prometheus reads the ledger (`remote_read` of its configuration)."""
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


def ledger_app(ledger: LedgerSeries) -> WSGIApplication:
    """An application that answers Prometheus' remote reads of the ledger."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = _read(environ, ledger)
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return app


def _read(environ: WSGIEnvironment, ledger: LedgerSeries) -> tuple[str, list[tuple[str, str]], bytes]:
    text = [("Content-Type", "text/plain; charset=utf-8")]
    if environ["REQUEST_METHOD"] != "POST":
        return "405 Method Not Allowed", [*text, ("Allow", "POST")], b"Prometheus reads here, by POST\n"
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 < length <= MOST_BYTES:
        return "400 Bad Request", text, f"expected a body of at most {MOST_BYTES} bytes\n".encode()
    try:
        questions = questions_of(environ["wsgi.input"].read(length))
        body = answer_of([ledger.answer(question) for question in questions])
    except (Malformed, QueryTooLarge) as error:
        return "400 Bad Request", text, f"{error}\n".encode()
    except StoreUnavailable as error:
        return "503 Service Unavailable", text, f"{error}\n".encode()
    return "200 OK", [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "snappy")], body


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client with this header accepts gzip (RFC 9110, 12.5.3)."""
    return parse_accept_header(accept_encoding, Accept).quality("gzip") > 0
