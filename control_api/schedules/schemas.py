"""Requests about schedules, and the responses."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from control_api.bulk.schemas import SelectionRequest
from control_api.http.schemas import Reason, RequestModel, ResponseModel, TextModel
from energytrack.contract.calendar import DayKind
from energytrack.fields import Action
from energytrack.store.operations.schedules import Schedule, ScheduleState

CLOCK_TIME: Final = r"^([01]\d|2[0-3]):[0-5]\d$"


class ScheduleRequest(RequestModel):
    """A recurring order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "press shop at night", "action": "shutdown", "select": {"line": "press-shop"},
                 "days": ["mon", "tue", "wed", "thu", "fri"], "at": "22:15", "reason": "nobody is there"}
            ]
        }
    )  # fmt: skip

    name: str = Field(min_length=1, max_length=100)
    action: Action
    select: SelectionRequest
    days: Annotated[list[DayKind], Field(min_length=1, max_length=8)]
    at: str = Field(pattern=CLOCK_TIME, description="In plant time")
    reason: Reason
    override: bool = False


class SchedulePath(TextModel):
    schedule_id: str = Field(min_length=1, max_length=64)


class ScheduleLogEntryResponse(ResponseModel):
    """One change of a schedule."""

    at: datetime
    deed: str
    by: str
    role: str
    address: str


class ScheduleResponse(ResponseModel):
    """A recurring order."""

    schedule_id: str
    name: str
    action: Action
    state: ScheduleState
    days: list[DayKind]
    at: str
    time_zone: str
    next_run_at: datetime | None
    reason: str
    override: bool
    line: str | None
    device_type: str | None
    device_ids: list[str] | None
    idle_minutes: float | None
    last_run_at: datetime | None
    last_sentence: str | None
    last_batch_id: str | None
    log: list[ScheduleLogEntryResponse]


class SchedulesResponse(ResponseModel):
    schedules: list[ScheduleResponse]


class ProposalResponse(ResponseModel):
    """A recurring shutdown that fits the shifts of a machine's line; it can be sent to /api/schedules unchanged."""

    name: str
    action: Action
    select: dict[str, object]
    days: list[DayKind]
    at: str
    reason: str
    override: bool = False


def schedule_response(schedule: Schedule, *, time_zone: str, next_run_at: datetime | None) -> ScheduleResponse:
    fields = {name: getattr(schedule, name) for name in schedule.__struct_fields__}
    fields["log"] = [{name: getattr(entry, name) for name in entry.__struct_fields__} for entry in schedule.log]
    return ScheduleResponse.model_validate(fields | {"time_zone": time_zone, "next_run_at": next_run_at})
