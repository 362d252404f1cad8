"""Orders in requests."""

import pytest
from pydantic import ValidationError

from control_api.orders.schemas import OrderHeaders, OrderPath, OrderRequest, OrdersQuery
from energytrack.store.operations.commands import OrderFilter
from testkit.dates import NOW


def test_what_is_asked_for_is_what_is_looked_for() -> None:
    fields = {"device_id": "cnc-0007", "action": "shutdown", "status": "expired", "requested_by": "grafana:maria",
              "batch_id": "01B"}  # fmt: skip
    query = OrdersQuery.model_validate(fields | {"since": NOW.isoformat(), "until": NOW.isoformat(), "limit": "7"})
    assert query.filter() == OrderFilter(**fields, since=NOW, until=NOW)  # type: ignore[arg-type]
    assert query.limit == 7


def test_a_time_without_its_zone_is_refused() -> None:
    """An hour is another one elsewhere."""
    with pytest.raises(ValidationError, match="since"):
        OrdersQuery.model_validate({"since": NOW.replace(tzinfo=None).isoformat()})


@pytest.mark.parametrize("device_id", ["", "-x", "cnc 0007", "a" * 65, "cnc/0007", "cnc-0007\n"])
def test_a_machine_is_named_as_on_the_topics(device_id: str) -> None:
    """Space around a name is cut off, and that is all."""
    if device_id.strip() == "cnc-0007":
        assert OrderRequest(device_id=device_id).device_id == "cnc-0007"
    else:
        with pytest.raises(ValidationError, match="device_id"):
            OrderRequest(device_id=device_id)


def test_an_order_does_not_override_unless_it_says_so() -> None:
    assert OrderRequest(device_id="cnc-0007").override is False


def test_the_key_against_doing_it_twice_is_a_header() -> None:
    """Other headers are nobody's business here."""
    headers = OrderHeaders.model_validate({"Idempotency-Key": "abc", "User-Agent": "curl"})
    assert headers.idempotency_key == "abc"
    with pytest.raises(ValidationError):
        OrderHeaders.model_validate({"Idempotency-Key": "x" * 129})


def test_an_orders_id_has_a_length() -> None:
    with pytest.raises(ValidationError):
        OrderPath(command_id="x" * 65)
