"""The current state of what people keep, as live pages are told it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from control_api.alarms.schemas import alarm_response
from control_api.composition import Services
from control_api.http.schemas import lock_response, order_response
from control_api.schedules.schemas import schedule_response
from energytrack.store.operations.alarms import AlarmFilter
from energytrack.store.operations.changes import Kind
from energytrack.store.operations.commands import OrderFilter

ORDERS: Final = 100
CLEARED_FOR: Final = timedelta(hours=24)
OPEN: Final = ("active", "acknowledged", "snoozed")


def snapshots(services: Services) -> Mapping[Kind, Callable[[], object]]:
    """By kind, how its state is read as plain values."""
    store = services.store

    def orders() -> object:
        return [
            order_response(order).model_dump(mode="json") for order in store.commands.find(OrderFilter(), limit=ORDERS)
        ]

    def locks() -> object:
        return [lock_response(lock).model_dump(mode="json") for lock in store.locks.held().values()]

    def alarms() -> object:
        since = services.clock.now() - CLEARED_FOR
        cleared = store.alarms.find(AlarmFilter(states=("cleared",), changed_since=since))
        found = [*store.alarms.find(AlarmFilter(states=OPEN)), *cleared]
        return [alarm_response(alarm).model_dump(mode="json") for alarm in found]

    def schedules() -> object:
        desk = services.schedules
        return [schedule_response(one, desk).model_dump(mode="json") for one in desk.schedules.all()]

    return {"orders": orders, "locks": locks, "alarms": alarms, "schedules": schedules}
