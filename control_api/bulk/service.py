"""Bulk orders: planned first, then filed and sent together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from control_api.auth.identity import Actor
from control_api.bulk.rules import BulkPlan, Selection, plan
from control_api.devices.rules import as_answered
from control_api.devices.service import DeviceService
from control_api.http.problems import Problem
from control_api.orders.service import OrderService
from energytrack.clock import Clock
from energytrack.fields import Action
from energytrack.plant import Plant
from energytrack.store.operations.commands import Commands, Order, OrderFilter

IN_EFFECT: Final = frozenset({"requested", "sent", "done"})
"""An order with one of these statuses has taken effect, or still may."""


@dataclass(frozen=True)
class BulkService:
    orders: OrderService
    devices: DeviceService
    commands: Commands
    plant: Plant
    clock: Clock
    new_id: Callable[[], str]

    def plan(self, action: Action, selection: Selection, *, override: bool) -> BulkPlan:
        """The plan for a selection of machines now."""
        machines = selection.select(self.devices.machines(), self.clock.now())
        return plan(action, machines, plant=self.plant, override=override)

    def plan_undo(self, order_or_batch: str) -> BulkPlan:
        """The plan to restart the machines that an order or a batch stopped."""
        stopped = self._stopped_by(order_or_batch)
        machines = [
            as_answered(machine, stopped[machine.device_id])
            for machine in self.devices.machines()
            if machine.device_id in stopped
        ]
        return plan("restart", machines, plant=self.plant, override=False)

    def _stopped_by(self, order_or_batch: str) -> dict[str, Order]:
        """The orders that stopped machines, by machine, without those that were undone."""
        one = self.commands.get(order_or_batch)
        orders = [one] if one is not None else self.commands.find(OrderFilter(batch_id=order_or_batch))
        if not orders:
            raise Problem("unknown_order", f"There is no order and no batch {order_or_batch}.")
        if any(order.action != "shutdown" for order in orders):
            raise Problem("not_undoable", "Only a shutdown can be undone, by restarting what it stopped.")
        undone = {
            order.device_id
            for order in self.commands.find(OrderFilter(undoes=order_or_batch))
            if order.status in IN_EFFECT
        }
        return {order.device_id: order for order in orders if order.status == "done" and order.device_id not in undone}

    def order(
        self, planned: BulkPlan, *, by: Actor, reason: str, override: bool, undoes: str | None = None
    ) -> tuple[str, list[Order]]:
        """Give the orders of a plan; returns the batch id and the orders.

        A machine that got another order meanwhile is skipped.
        """
        batch_id = self.new_id()
        orders = [
            self.orders.new_order(
                by,
                device_id=step.device_id,
                action=planned.action,
                reason=reason,
                override=override,
                batch_id=batch_id,
                undoes=undoes,
            )
            for step in planned.ordered
        ]
        filed = self.orders.file_all(orders)
        sent = self.orders.send(filed) if filed else {}
        return batch_id, [sent[order.command_id] for order in filed]
