"""The current orders, locks, alarms and schedules for live pages."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, Literal

from control_api.alarms.case_routes import case_responses
from control_api.alarms.case_service import CaseService
from control_api.alarms.schemas import alarm_response
from control_api.http.schemas import lock_response, order_response
from control_api.paging.routes import duty_response
from control_api.paging.service import PagingService
from control_api.schedules.routes import listed_schedules
from control_api.schedules.service import ScheduleService
from energytrack.clock import Clock
from energytrack.store import Store
from energytrack.store.operations.alarms import OPEN_STATES, AlarmFilter
from energytrack.store.operations.changes import Kind
from energytrack.store.operations.commands import OrderFilter

ORDERS: Final = 100
CLEARED_FOR: Final = timedelta(hours=24)

Message = Kind | Literal["cases", "duty"]
"""The name of a message to live pages."""
FOLLOWS: Final[Mapping[Message, Kind]] = {"cases": "alarms", "duty": "alarms"}
"""What a message changes with, if it has no count of its own."""


def snapshots(
    store: Store, schedule_service: ScheduleService, cases: CaseService, paging: PagingService, clock: Clock
) -> Mapping[Message, Callable[[], object]]:
    """For each message, the function that reads its state as plain values."""

    def orders() -> object:
        return [
            order_response(order).model_dump(mode="json") for order in store.commands.find(OrderFilter(), limit=ORDERS)
        ]

    def locks() -> object:
        return [lock_response(lock).model_dump(mode="json") for lock in store.locks.held().values()]

    def alarms() -> object:
        since = clock.now() - CLEARED_FOR
        cleared = store.alarms.find(AlarmFilter(states=("cleared",), changed_since=since))
        listed = [*store.alarms.find(AlarmFilter(states=OPEN_STATES)), *cleared]
        return [alarm_response(alarm).model_dump(mode="json") for alarm in listed]

    def schedules() -> object:
        return [schedule.model_dump(mode="json") for schedule in listed_schedules(schedule_service)]

    def current_cases() -> object:
        return [case.model_dump(mode="json") for case in case_responses(cases, cases.recent())]

    def duty() -> object:
        return duty_response(paging).model_dump(mode="json")

    return {
        "orders": orders,
        "locks": locks,
        "alarms": alarms,
        "cases": current_cases,
        "duty": duty,
        "schedules": schedules,
    }
