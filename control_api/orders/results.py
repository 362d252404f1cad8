"""What machines answer: from `device-events` into the orders on file; and orders that nobody answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from control_api.orders.metrics import OrderObserver
from control_api.orders.service import OrderService
from energytrack.clock import Clock
from energytrack.consume import Taken
from energytrack.errors import BusUnavailable, DeliveryFailed
from energytrack.messages import CommandResult
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.operations.commands import Commands, Order

log = structlog.get_logger(__name__)

NO_ANSWER = "The machine did not answer in time."


def file_results(
    batch: Sequence[Taken], *, commands: Commands, changes: ChangeCounters, clock: Clock, news: OrderObserver
) -> None:
    """Note the answers among a batch of events; one that is repeated changes nothing."""
    answered = False
    for taken in batch:
        if not isinstance(taken.message, CommandResult):
            continue
        order = commands.answer(taken.message, at=clock.now())
        if order is not None:
            answered = True
            news.status_changed(order)
            log.info("order answered", command_id=order.command_id, device_id=order.device_id, status=order.status)
    if answered:
        changes.record("orders")


@dataclass(frozen=True)
class PendingOrders:
    """Looks after open orders: gives up those that nobody answered, sends those that were filed and never sent."""

    commands: Commands
    changes: ChangeCounters
    desk: OrderService
    clock: Clock
    news: OrderObserver
    answer_after: timedelta
    """How long after an order's expiry its answer may still come."""
    unsent_after: timedelta
    """An order that is filed for this long and not sent was left behind by a service that died."""

    def sweep(self) -> None:
        """One round."""
        now = self.clock.now()
        for order in self.commands.overdue(now - self.answer_after):
            closed = self.commands.close(order.command_id, "expired", at=now, detail=NO_ANSWER)
            if closed is not None:
                self.changes.record("orders")
                self.news.status_changed(closed)
                log.warning("order expired", command_id=order.command_id, device_id=order.device_id)
        left_behind = [order for order in self.commands.unsent(now - self.unsent_after) if order.expires_at > now]
        if left_behind:
            self._send_again(left_behind)

    def _send_again(self, orders: Sequence[Order]) -> None:
        self.changes.record("orders")
        log.warning("sending orders that were left behind", orders=len(orders))
        try:
            self.desk.send(orders)
        except (DeliveryFailed, BusUnavailable) as error:
            log.warning("orders not sent", error=str(error))
