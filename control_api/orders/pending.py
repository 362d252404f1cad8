"""Open orders that need attention: not answered in time, or stored by a service that died before sending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from control_api.orders.metrics import OrderObserver
from control_api.orders.service import OrderService
from energytrack.clock import Clock
from energytrack.errors import BusUnavailable, DeliveryFailed
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.operations.commands import Commands, Order

log = structlog.get_logger(__name__)

NO_ANSWER: Final = "The machine did not answer in time."


@dataclass(frozen=True)
class PendingOrders:
    commands: Commands
    changes: ChangeCounters
    orders: OrderService
    clock: Clock
    observer: OrderObserver
    answer_after: timedelta
    """How long after an order expires its answer may still arrive."""
    unsent_after: timedelta
    """An order that has been stored for this long without being sent was left behind by a service that died."""

    def sweep(self) -> None:
        """Expire unanswered orders, and send those that were left behind."""
        now = self.clock.now()
        for order in self.commands.overdue(now - self.answer_after):
            closed = self.commands.close(order.command_id, "expired", at=now, detail=NO_ANSWER)
            if closed is not None:
                self.changes.record("orders")
                self.observer.status_changed(closed)
                log.warning("order expired", command_id=order.command_id, device_id=order.device_id)
        left_behind = [order for order in self.commands.unsent(now - self.unsent_after) if order.expires_at > now]
        if left_behind:
            self._send_again(left_behind)

    def _send_again(self, orders: Sequence[Order]) -> None:
        self.changes.record("orders")
        log.warning("sending orders that were left behind", orders=len(orders))
        try:
            self.orders.send(orders)
        except (DeliveryFailed, BusUnavailable) as error:
            log.warning("orders not sent", error=str(error))
