"""Rate limits per caller."""

from typing import Final

import flask
from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter

from control_api.settings import ControlApiSettings

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


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


def _caller() -> str:
    caller = flask.g.get("caller")
    return request.remote_addr or "" if caller is None else str(caller.identity.subject)


def _is_free() -> bool:
    return not request.path.startswith(("/api/", "/sign-in"))


def _changes_nothing() -> bool:
    return request.method in READING or request.path == "/api/alerts"
