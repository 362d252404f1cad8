"""The API's own metrics: requests by route."""

from typing import Final

import flask
import structlog
from flask import Flask, Response
from prometheus_client import CollectorRegistry, Histogram

from energytrack.clock import Clock

log = structlog.get_logger(__name__)

REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
UNKNOWN_ROUTE: Final = "unknown"


def count_requests(app: Flask, registry: CollectorRegistry, clock: Clock) -> None:
    """Time every request of an application by method, route and status."""
    duration = Histogram(
        "energytrack_control_api_request_duration_seconds",
        "Time that the control API took to answer a request.",
        ["method", "route", "status"],
        registry=registry,
        buckets=REQUEST_SECONDS,
    )

    @app.before_request
    def start() -> None:
        flask.g.started = clock.monotonic()

    @app.after_request
    def stop(response: Response) -> Response:
        rule = flask.request.url_rule
        route = UNKNOWN_ROUTE if rule is None else rule.rule
        method = flask.request.method if rule is not None else "ANY"
        started = flask.g.get("started", clock.monotonic())
        duration.labels(method, route, str(response.status_code)).observe(clock.monotonic() - started)
        return response
