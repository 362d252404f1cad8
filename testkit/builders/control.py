"""Orders, locks and other records of the control API, for tests; each builder makes a plausible one."""

from datetime import datetime, timedelta
from typing import Any, Final

from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.store.operations.alarms import Alarm, Severity
from energytrack.store.operations.commands import Order
from energytrack.store.operations.locks import Lock
from testkit.builders.messages import NOW

A_SIGNING_KEY: Final = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
"""A private key that is no secret: the first test vector of RFC 8032, section 7.1."""


def an_order(device_id: str = "cnc-0007", **fields: Any) -> Order:
    """Maria's order to shut a machine down, just stored."""
    values: dict[str, Any] = {
        "command_id": "01CMD",
        "action": "shutdown",
        "reason": "overheating",
        "requested_at": NOW,
        "expires_at": NOW + timedelta(minutes=1),
        "requested_by": "grafana:maria",
        "role": "Editor",
        "address": "192.0.2.7",
    }
    return Order(device_id=device_id, **(values | fields))


def a_lock(device_id: str = "cnc-0007", **fields: Any) -> Lock:
    """Maria's lock on a machine."""
    values: dict[str, Any] = {
        "lock_id": "01LOCK",
        "holder": "grafana:maria",
        "role": "Editor",
        "address": "192.0.2.7",
        "reason": "changing the belt",
        "locked_at": NOW,
    }
    return Lock(device_id=device_id, **(values | fields))


def an_alarm(
    rule: str = "FailureRiskHigh",
    device_id: str | None = "cnc-0007",
    severity: Severity = "warning",
    opened_at: datetime = NOW,
    **fields: Any,
) -> Alarm:
    """An open alarm of a machine, reported by one rule."""
    values: dict[str, Any] = {
        "state": "active",
        "summary": f"{rule} of {device_id}",
        "description": "",
        "factors": (),
        "links": {},
        "updated_at": opened_at,
    }
    return Alarm(
        alarm_id=f"{rule} {device_id}",
        rule=rule,
        device_id=device_id,
        line="machining-a",
        severity=severity,
        opened_at=opened_at,
        **values | fields,
    )


def a_store(uri: str, database: str, *, index_readings: bool = True) -> Store:
    """A store on a real database."""
    settings = {"URI": uri, "DATABASE": database, "INDEX_READINGS": str(index_readings)}
    return open_store(MongoSettings.from_env({f"ENERGYTRACK_MONGO_{name}": value for name, value in settings.items()}))
