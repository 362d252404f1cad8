"""/api/schedules: orders that are given again and again."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import ConfigDict, Field

from control_api.auth.current import current_actor as actor
from control_api.bulk.schemas import SelectionRequest
from control_api.devices.rules import Machine
from control_api.devices.service import DeviceService
from control_api.http.csv_export import CSV_RESPONSE, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import DevicePath, Reason, RequestModel, ResponseModel
from control_api.schedules.rules import proposal
from control_api.schedules.service import ScheduleService
from energytrack.calendar import Weekday
from energytrack.messages import Action
from energytrack.plant import Plant
from energytrack.store.operations.schedules import Schedule, ScheduleState

CLOCK_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"


class ScheduleRequest(RequestModel):
    """An order that is to be given again and again."""

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
    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    at: str = Field(pattern=CLOCK_TIME, description="In plant time")
    reason: Reason
    override: bool = False


class SchedulePath(RequestModel):
    """The schedule in the path."""

    schedule_id: str = Field(min_length=1, max_length=64)


class ScheduleLogEntryResponse(ResponseModel):
    """Something that was done to a schedule."""

    at: datetime
    deed: str
    by: str
    role: str
    address: str


class ScheduleResponse(ResponseModel):
    """An order that is given again and again."""

    schedule_id: str
    name: str
    action: Action
    state: ScheduleState
    days: list[Weekday]
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
    """All schedules."""

    schedules: list[ScheduleResponse]


class ProposalResponse(ResponseModel):
    """A recurring shutdown that a machine's shifts suggest; send it to /api/schedules as it is."""

    name: str
    action: Action
    select: dict[str, object]
    days: list[Weekday]
    at: str
    reason: str
    override: bool = False


def schedules_blueprint(desk: ScheduleService) -> APIBlueprint:
    """The routes."""
    api = APIBlueprint("schedules", __name__, url_prefix="/api", abp_tags=[Tag(name="schedules")])

    @api.get("/schedules", summary="List schedules", responses={200: SchedulesResponse})
    def list_schedules() -> Response:
        return reply(
            SchedulesResponse(schedules=[schedule_response(schedule, desk) for schedule in desk.schedules.all()])
        )

    @api.get("/schedules.csv", summary="Export schedules, deleted ones too", responses={200: CSV_RESPONSE})
    def export_schedules() -> Response:
        return table("schedules", Schedule, desk.schedules.all(deleted=True))

    @api.post("/schedules", summary="Make a schedule", responses={201: ScheduleResponse})
    def make_schedule(body: ScheduleRequest) -> Response:
        chosen = body.select
        if chosen == SelectionRequest():
            raise Problem("invalid_request", "select: name a line, a type, a time of idling or devices.")
        schedule = desk.make(
            actor(),
            name=body.name,
            action=body.action,
            days=tuple(body.days),
            at=body.at,
            reason=body.reason,
            override=body.override,
            line=chosen.line,
            device_type=chosen.device_type,
            device_ids=None if chosen.device_ids is None else tuple(chosen.device_ids),
            idle_minutes=chosen.idle_minutes,
        )
        return reply(schedule_response(schedule, desk), HTTPStatus.CREATED)

    @api.post("/schedules/<string:schedule_id>/pause", summary="Pause a schedule", responses={200: ScheduleResponse})
    def pause(path: SchedulePath) -> Response:
        return reply(schedule_response(desk.change(path.schedule_id, "paused", actor()), desk))

    @api.post("/schedules/<string:schedule_id>/resume", summary="Resume a schedule", responses={200: ScheduleResponse})
    def resume(path: SchedulePath) -> Response:
        return reply(schedule_response(desk.change(path.schedule_id, "active", actor()), desk))

    @api.delete("/schedules/<string:schedule_id>", summary="Delete a schedule", responses={200: ScheduleResponse})
    def delete(path: SchedulePath) -> Response:
        return reply(schedule_response(desk.change(path.schedule_id, "deleted", actor()), desk))

    return api


def schedule_response(schedule: Schedule, desk: ScheduleService) -> ScheduleResponse:
    """A schedule as the API gives it."""
    fields = {name: getattr(schedule, name) for name in schedule.__struct_fields__}
    fields["log"] = [{name: getattr(deed, name) for name in deed.__struct_fields__} for deed in schedule.log]
    return ScheduleResponse.model_validate(
        fields | {"time_zone": desk.zone.key, "next_run_at": desk.next_run(schedule)}
    )


def proposals_blueprint(situations: DeviceService, plant: Plant) -> APIBlueprint:
    """The route by which a recommendation becomes a schedule in one click."""
    api = APIBlueprint("proposals", __name__, url_prefix="/api", abp_tags=[Tag(name="schedules")])

    @api.get("/devices/<string:device_id>/proposal", summary="Propose a schedule for a machine that is left idling",
             responses={200: ProposalResponse})  # fmt: skip
    def propose(path: DevicePath) -> Response:
        machine = situations.machine(path.device_id)
        if machine is None:
            raise Problem("unknown_device", f"Nobody has heard of a device {path.device_id}.")
        return reply(_proposed(machine, plant))

    return api


def _proposed(machine: Machine, plant: Plant) -> ProposalResponse:
    found = None if machine.line is None else proposal(machine.line, plant)
    if found is None:
        raise Problem("no_proposal", f"{machine.device_id} has no time of the week at which nobody works.")
    return ProposalResponse(
        name=f"{machine.device_id} after work",
        action="shutdown",
        select={"device_ids": [machine.device_id], "idle_minutes": 10},
        days=list(found.days),
        at=found.at,
        reason="Left idling after work",
    )
