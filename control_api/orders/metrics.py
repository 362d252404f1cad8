"""Metrics of orders, and their results as annotations in Grafana."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from control_api.annotations import Annotations
from energytrack.fields import ACTIONS
from energytrack.store.operations.commands import ORDER_STATUSES, Order

ANSWER_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class OrderObserver:
    """Called when an order's status changes: counts it, and annotates the result once the order is closed."""

    def __init__(self, registry: CollectorRegistry, annotations: Annotations) -> None:
        self._annotations = annotations
        self._orders = Counter(
            "energytrack_control_orders",
            "Orders by the status that they entered.",
            ["action", "status"],
            registry=registry,
        )
        self._answer_seconds = Histogram(
            "energytrack_control_order_answer_seconds",
            "Time from the request of an order until the machine's answer was stored.",
            ["action"],
            registry=registry,
            buckets=ANSWER_SECONDS,
        )
        for action in ACTIONS:
            self._answer_seconds.labels(action)
            for status in ORDER_STATUSES:
                self._orders.labels(action, status)

    def status_changed(self, order: Order) -> None:
        self._annotations.order(order)
        self._orders.labels(order.action, order.status).inc()
        if order.answered_at is not None and order.closed_at is not None:
            seconds = (order.closed_at - order.requested_at).total_seconds()
            self._answer_seconds.labels(order.action).observe(max(seconds, 0.0))
