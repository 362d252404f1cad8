"""/api/bulk and /api/commands/<id>/undo: many orders at once, always with a look at what would happen first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import ConfigDict, Field

from control_api.auth.current import current_actor as actor
from control_api.auth.identity import Actor
from control_api.bulk.rules import Plan, Selection, plan
from control_api.devices.rules import Machine
from control_api.devices.service import DeviceService
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import DeviceId, OrderResponse, Reason, RequestModel, ResponseModel, order_response
from control_api.orders.schemas import OrderPath
from control_api.orders.service import OrderService, Wish
from energytrack.clock import Clock
from energytrack.messages import Action
from energytrack.plant import Plant
from energytrack.store.operations.commands import Commands, Order, OrderFilter

HELD = frozenset({"requested", "sent", "done"})
"""An order in one of these has had its effect, or may still have it."""


class SelectionRequest(RequestModel):
    """Which machines; every field that is given restricts, and one at least must be given."""

    line: str | None = Field(None, min_length=1, max_length=64)
    device_type: str | None = Field(None, min_length=1, max_length=64)
    idle_minutes: float | None = Field(None, ge=0, le=100_000, description="Idle for at least so long")
    device_ids: list[DeviceId] | None = Field(None, min_length=1, max_length=1000)


class BulkRequest(RequestModel):
    """An order to many machines."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "shutdown", "select": {"line": "press-shop", "idle_minutes": 30}, "reason": "night"}
            ]
        }
    )

    action: Action
    select: SelectionRequest
    reason: Reason
    override: bool = Field(False, description="Order machines too whose cycle or shift that disturbs")
    dry_run: bool = Field(True, description="Say what would happen, and do nothing; false does it")


class UndoRequest(RequestModel):
    """Restart what an order stopped."""

    reason: Reason
    dry_run: bool = Field(False, description="Say what would happen, and do nothing")


class PlanStepResponse(ResponseModel):
    """What a bulk order makes of one machine."""

    device_id: str
    ordered: bool
    why_not: str | None = Field(description="Why the machine is left out")
    saves_watts: float


class PlanResponse(ResponseModel):
    """What a bulk order does, or would do."""

    sentence: str = Field(description="The plan in words")
    dry_run: bool
    batch_id: str | None = Field(description="The orders' common id; null in a dry run")
    saves_watts: float
    steps: list[PlanStepResponse]
    commands: list[OrderResponse]


@dataclass(frozen=True)
class BulkService:
    """Plans orders to many machines and gives them."""

    desk: OrderService
    situations: DeviceService
    commands: Commands
    plant: Plant
    clock: Clock
    new_id: Callable[[], str]

    def of(self, asked: BulkRequest) -> Plan:
        """What a bulk order would do now."""
        chosen = asked.select
        if chosen == SelectionRequest():
            raise Problem("invalid_request", "select: name a line, a type, a time of idling or devices.")
        selection = Selection(
            line=chosen.line,
            device_type=chosen.device_type,
            idle_minutes=chosen.idle_minutes,
            device_ids=None if chosen.device_ids is None else frozenset(chosen.device_ids),
        )
        return self.plan(asked.action, selection, override=asked.override)

    def plan(self, action: Action, selection: Selection, *, override: bool) -> Plan:
        """What an order to a selection of machines would do now."""
        now = self.clock.now()
        machines = [machine for machine in self.situations.machines() if selection.admits(machine, now)]
        return plan(action, machines, plant=self.plant, override=override)

    def undoing(self, order_or_batch: str) -> Plan:
        """What restarting the machines that an order or a batch stopped would do now."""
        stopped = self._stopped_by(order_or_batch)
        machines: Iterable[Machine] = (
            machine for machine in self.situations.machines() if machine.device_id in stopped
        )
        return plan("restart", machines, plant=self.plant, override=False)

    def _stopped_by(self, order_or_batch: str) -> set[str]:
        one = self.commands.get(order_or_batch)
        orders = [one] if one is not None else self.commands.find(OrderFilter(batch_id=order_or_batch))
        if not orders:
            raise Problem("unknown_order", f"There is no order and no batch {order_or_batch}.")
        if any(order.action != "shutdown" for order in orders):
            raise Problem("not_undoable", "Only a shutdown can be undone, by restarting what it stopped.")
        undone = {
            order.device_id for order in self.commands.find(OrderFilter(undoes=order_or_batch)) if order.status in HELD
        }
        return {order.device_id for order in orders if order.status == "done"} - undone

    def give(
        self, planned: Plan, *, by: Actor, reason: str, override: bool, undoes: str | None = None
    ) -> tuple[str, list[Order]]:
        """Give the orders of a plan; machines that got another order meanwhile are left out."""
        batch_id = self.new_id()
        filed: list[Order] = []
        for step in planned.ordered:
            try:
                filed.append(
                    self.desk.file(
                        Wish(
                            device_id=step.device_id,
                            action=planned.action,
                            reason=reason,
                            requested_by=by.subject,
                            role=by.role,
                            address=by.address,
                            override=override,
                            batch_id=batch_id,
                            undoes=undoes,
                        )
                    )
                )
            except Problem as problem:
                if problem.code != "device_busy":
                    raise
        sent = self.desk.send(filed) if filed else {}
        return batch_id, [sent[order.command_id] for order in filed]


def bulk_blueprint(batches: BulkService) -> APIBlueprint:
    """The routes."""
    api = APIBlueprint("batches", __name__, url_prefix="/api", abp_tags=[Tag(name="orders")])

    @api.post("/bulk", summary="Order many machines", responses={200: PlanResponse, 202: PlanResponse})
    def bulk(body: BulkRequest) -> Response:
        planned = batches.of(body)
        if body.dry_run:
            return _planned(planned)
        return _given(planned, *batches.give(planned, by=actor(), reason=body.reason, override=body.override))

    @api.post("/commands/<string:command_id>/undo", summary="Restart what an order or a batch stopped",
              responses={200: PlanResponse, 202: PlanResponse})  # fmt: skip
    def undo(path: OrderPath, body: UndoRequest) -> Response:
        planned = batches.undoing(path.command_id)
        if body.dry_run:
            return _planned(planned)
        return _given(
            planned, *batches.give(planned, by=actor(), reason=body.reason, override=False, undoes=path.command_id)
        )

    return api


def _planned(planned: Plan) -> Response:
    return reply(_plan_given(planned, batch_id=None, orders=[]))


def _given(planned: Plan, batch_id: str, orders: list[Order]) -> Response:
    return reply(_plan_given(planned, batch_id=batch_id, orders=orders), HTTPStatus.ACCEPTED)


def _plan_given(planned: Plan, *, batch_id: str | None, orders: list[Order]) -> PlanResponse:
    return PlanResponse(
        sentence=planned.sentence(),
        dry_run=batch_id is None,
        batch_id=batch_id,
        saves_watts=planned.saves_watts,
        steps=[
            PlanStepResponse(device_id=step.device_id, ordered=step.why_not is None, why_not=step.why_not,
                      saves_watts=step.saves_watts)
            for step in planned.steps
        ],
        commands=[order_response(order) for order in orders],
    )  # fmt: skip
