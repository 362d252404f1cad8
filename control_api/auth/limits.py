"""Rate limits per caller."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import flask
from flask import Flask, Response, request
from flask_limiter import ApplicationLimit, Limiter

from control_api.http.bodies import FILES
from control_api.http.problems import Problem
from control_api.serving.arrival import FILE, MAX_WAITED_FOR_BYTES
from control_api.settings import ControlApiSettings

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOADS_AT_ONCE: Final = 4
"""How many long bodies and files one caller may send at once; each occupies a thread until it has been read."""
DOWNLOADS_AT_ONCE: Final = 4
"""How many files one caller may download at once; each occupies a thread for as long as the caller reads."""


def make_limiter(settings: ControlApiSettings) -> Limiter:
    """Counts in this process's memory: with N replicas a caller may call N times as often."""
    return Limiter(
        _caller,
        storage_uri="memory://",
        strategy="moving-window",
        application_limits=[
            ApplicationLimit(f"{settings.requests_per_minute}/minute", scope="requests", exempt_when=_is_free),
            ApplicationLimit(f"{settings.changes_per_minute}/minute", scope="changes", exempt_when=_changes_nothing),
        ],
    )


def install(app: Flask, limiter: Limiter) -> None:
    """Limit an application's requests; install the guard first, because it identifies the caller."""
    limiter.init_app(app)
    uploads = InFlight(UPLOADS_AT_ONCE)

    @app.before_request
    def begin_upload() -> None:
        is_long = (request.content_length or 0) > MAX_WAITED_FOR_BYTES and request.path != "/api/alerts"
        if is_long or (request.path in FILES and request.method == "POST"):
            flask.g.upload_of = uploads.begin(_caller())

    @app.teardown_request
    def end_upload(_error: BaseException | None) -> None:
        caller = flask.g.pop("upload_of", None)
        if caller is not None:
            uploads.end(caller)

    _install_downloads(app)


def _install_downloads(app: Flask) -> None:
    downloads = InFlight(DOWNLOADS_AT_ONCE)

    @app.before_request
    def begin_download() -> None:
        if FILE.fullmatch(request.path.encode()):
            flask.g.download_of = downloads.begin(_caller())

    @app.after_request
    def count_until_it_is_sent(response: Response) -> Response:
        caller = flask.g.pop("download_of", None)
        if caller is not None and response.is_streamed:
            response.response = CountedDownload(response.iter_encoded(), partial(downloads.end, caller))
        elif caller is not None:
            downloads.end(caller)
        return response


class InFlight:
    """How many files each caller has under way; every method may be called from any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._number: Counter[str] = Counter()
        self._lock = threading.Lock()

    def begin(self, caller: str) -> str:
        """Count one more and return the caller; raises Problem if there are enough."""
        with self._lock:
            if self._number[caller] >= self._most:
                raise Problem("too_many_requests", f"At most {self._most} files at once; wait for the others.")
            self._number[caller] += 1
        return caller

    def end(self, caller: str) -> None:
        """Count one less."""
        with self._lock:
            self._number[caller] -= 1
            if not self._number[caller]:
                del self._number[caller]


class CountedDownload:
    """The parts of a response; calls `ended` once, after the last one or when the client has gone."""

    def __init__(self, parts: Iterator[bytes], ended: Callable[[], None]) -> None:
        self._parts = parts
        self._ended: Callable[[], None] | None = ended

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        for part in self._parts:
            return part
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Close the parts, too, which may have a file open."""
        ended, self._ended = self._ended, None
        if ended is None:
            return
        ended()
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


def _caller() -> str:
    caller = flask.g.get("caller")
    return request.remote_addr or "" if caller is None else str(caller.identity.subject)


def _is_free() -> bool:
    return not request.path.startswith("/api/")


def _changes_nothing() -> bool:
    """Of people who sign in, only failures are counted (`auth.routes`): many of them may share an address."""
    return request.method in READING or request.path in {"/api/alerts", "/sign-in"}
