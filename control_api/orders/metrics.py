"""What the API says of itself on /metrics: requests by route, and orders from the request to the answer."""

from typing import Final

import flask
from flask import Flask, Response
from prometheus_client import CollectorRegistry, Counter, Histogram

from control_api.annotations import Annotations
from energytrack.clock import Clock
from energytrack.messages import ACTIONS
from energytrack.store.operations.commands import ORDER_STATUSES, Order

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
ANSWER_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
UNKNOWN_ROUTE: Final = "unknown"


def count_requests(app: Flask, registry: CollectorRegistry, clock: Clock) -> None:
    """Time every request of an application by method, route and status."""
    duration = Histogram(
        "energytrack_control_api_request_duration_seconds",
        "Time that the control API took over a request.",
        ["method", "route", "status"],
        registry=registry,
        buckets=SECONDS,
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


class OrderObserver:
    """Hears of every status that an order comes into: counts it, zero-initialised, and has its end annotated."""

    def __init__(self, registry: CollectorRegistry, annotations: Annotations) -> None:
        self._annotations = annotations
        self._orders = Counter(
            "energytrack_control_orders",
            "Orders that came into a status.",
            ["action", "status"],
            registry=registry,
        )
        self._answer_seconds = Histogram(
            "energytrack_control_order_answer_seconds",
            "From the request of an order to the machine's answer on file.",
            ["action"],
            registry=registry,
            buckets=ANSWER_SECONDS,
        )
        for action in ACTIONS:
            self._answer_seconds.labels(action)
            for status in ORDER_STATUSES:
                self._orders.labels(action, status)

    def status_changed(self, order: Order) -> None:
        """An order has just come into its status."""
        self._annotations.order(order)
        self._orders.labels(order.action, order.status).inc()
        if order.answered_at is not None and order.closed_at is not None:
            seconds = (order.closed_at - order.requested_at).total_seconds()
            self._answer_seconds.labels(order.action).observe(max(seconds, 0.0))
