"""Requests for bulk orders, and the plans in the responses."""

from typing import Final

from pydantic import ConfigDict, Field

from control_api.bulk.rules import BulkPlan, Selection
from control_api.http.problems import Problem
from control_api.http.schemas import DeviceId, OrderResponse, Reason, RequestModel, ResponseModel, order_response
from energytrack.fields import Action
from energytrack.store.operations.commands import Order

MOST_MACHINES: Final = 2000


class SelectionRequest(RequestModel):
    """Which machines; each given field restricts the selection, and at least one must be given."""

    line: str | None = Field(None, min_length=1, max_length=64)
    device_type: str | None = Field(None, min_length=1, max_length=64)
    idle_minutes: float | None = Field(None, ge=0, le=100_000, description="Idle for at least this long")
    device_ids: list[DeviceId] | None = Field(None, min_length=1, max_length=MOST_MACHINES)

    def selection(self) -> Selection:
        """The selection; raises Problem if it would include all machines."""
        selection = Selection(
            line=self.line,
            device_type=self.device_type,
            idle_minutes=self.idle_minutes,
            device_ids=None if self.device_ids is None else tuple(self.device_ids),
        )
        if selection == Selection():
            raise Problem("invalid_request", "select: name a line, a device type, an idle time or devices.")
        return selection


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
    override: bool = Field(False, description="Include machines whose cycle or shift the order interrupts")
    dry_run: bool = Field(True, description="Only report what would happen; false gives the orders")


class UndoRequest(RequestModel):
    """Restart what an order stopped."""

    reason: Reason
    dry_run: bool = Field(False, description="Only report what would happen")


class PlanStepResponse(ResponseModel):
    """What a bulk order does with one machine."""

    device_id: str
    ordered: bool
    why_not: str | None = Field(description="Why the machine is skipped")
    saves_watts: float


class PlanResponse(ResponseModel):
    """What a bulk order does, or would do."""

    sentence: str = Field(description="The plan in words")
    dry_run: bool
    batch_id: str | None = Field(description="The id that the orders share; null in a dry run")
    saves_watts: float
    steps: list[PlanStepResponse]
    commands: list[OrderResponse]


def plan_response(plan: BulkPlan, *, batch_id: str | None, orders: list[Order]) -> PlanResponse:
    return PlanResponse(
        sentence=plan.sentence(),
        dry_run=batch_id is None,
        batch_id=batch_id,
        saves_watts=plan.saves_watts,
        steps=[
            PlanStepResponse(device_id=step.device_id, ordered=step.why_not is None, why_not=step.why_not,
                             saves_watts=step.saves_watts)
            for step in plan.steps
        ],
        commands=[order_response(order) for order in orders],
    )  # fmt: skip
