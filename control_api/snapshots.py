"""The current state of what people keep, as live pages are told it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from control_api.alarm_shapes import alarm_given
from control_api.parts import Parts
from control_api.schedules import schedule_given
from control_api.shapes import lock_given, order_given
from energytrack.store.operations.alarms import AlarmFilter
from energytrack.store.operations.changes import Kind
from energytrack.store.operations.commands import OrderFilter

ORDERS: Final = 100
CLEARED_FOR: Final = timedelta(hours=24)
OPEN: Final = ("active", "acknowledged", "snoozed")


def snapshots(parts: Parts) -> Mapping[Kind, Callable[[], object]]:
    """By kind, how its state is read as plain values."""
    store = parts.store

    def orders() -> object:
        return [
            order_given(order).model_dump(mode="json") for order in store.commands.find(OrderFilter(), limit=ORDERS)
        ]

    def locks() -> object:
        return [lock_given(lock).model_dump(mode="json") for lock in store.locks.held().values()]

    def alarms() -> object:
        since = parts.clock.now() - CLEARED_FOR
        cleared = store.alarms.find(AlarmFilter(states=("cleared",), changed_since=since))
        found = [*store.alarms.find(AlarmFilter(states=OPEN)), *cleared]
        return [alarm_given(alarm).model_dump(mode="json") for alarm in found]

    def schedules() -> object:
        desk = parts.schedule_desk
        return [schedule_given(one, desk).model_dump(mode="json") for one in desk.schedules.all()]

    return {"orders": orders, "locks": locks, "alarms": alarms, "schedules": schedules}
