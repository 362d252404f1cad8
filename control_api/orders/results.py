"""Stores machines' answers to orders, from `device-events`."""

from collections.abc import Sequence

import structlog

from control_api.orders.metrics import OrderObserver
from energytrack.clock import Clock
from energytrack.consume import Taken
from energytrack.events import CommandResult
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.operations.commands import Commands

log = structlog.get_logger(__name__)


def file_results(
    batch: Sequence[Taken], *, commands: Commands, changes: ChangeCounters, clock: Clock, observer: OrderObserver
) -> None:
    """Store the answers in a batch of events; a repeated one changes nothing."""
    answered = False
    for taken in batch:
        if not isinstance(taken.message, CommandResult):
            continue
        order = commands.answer(taken.message, at=clock.now())
        if order is not None:
            answered = True
            observer.status_changed(order)
            log.info("order answered", command_id=order.command_id, device_id=order.device_id, status=order.status)
    if answered:
        changes.record("orders")
