from datetime import timedelta

from prometheus_client import CollectorRegistry

from control_api.annotations import Annotations
from control_api.orders.metrics import OrderObserver
from energytrack.store.operations.commands import ORDER_STATUSES
from testkit.builders.control import an_order
from testkit.builders.messages import NOW

ORDERS = "energytrack_control_orders_total"
ANSWERS = "energytrack_control_order_answer_seconds"


def test_every_status_is_counted_from_zero() -> None:
    """So that a rate is right from the first order on."""
    registry = CollectorRegistry()
    observer = OrderObserver(registry, Annotations(None, registry))
    for status in ORDER_STATUSES:
        assert registry.get_sample_value(ORDERS, {"action": "shutdown", "status": status}) == 0
    observer.status_changed(an_order(status="sent"))
    assert registry.get_sample_value(ORDERS, {"action": "shutdown", "status": "sent"}) == 1


def test_an_answer_is_timed_from_the_request() -> None:
    """An order that nobody answered is not."""
    registry = CollectorRegistry()
    observer = OrderObserver(registry, Annotations(None, registry))
    later = NOW + timedelta(seconds=2)
    observer.status_changed(an_order(status="expired", closed_at=later))
    observer.status_changed(an_order(status="done", answered_at=later, closed_at=later))
    assert registry.get_sample_value(f"{ANSWERS}_count", {"action": "shutdown"}) == 1
    assert registry.get_sample_value(f"{ANSWERS}_sum", {"action": "shutdown"}) == 2
