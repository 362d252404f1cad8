"""/api/schedules: recurring orders, and the schedule that fits a machine's shifts."""

from http import HTTPStatus

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.devices.rules import Machine
from control_api.devices.service import DeviceService
from control_api.http.csv_export import CSV_RESPONSE, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import DevicePath
from control_api.schedules.rules import proposal
from control_api.schedules.schemas import (
    ProposalResponse,
    SchedulePath,
    ScheduleRequest,
    ScheduleResponse,
    SchedulesResponse,
    schedule_response,
)
from control_api.schedules.service import ScheduleService
from energytrack.plant import Plant
from energytrack.store.operations.schedules import Schedule


def schedules_blueprint(service: ScheduleService) -> APIBlueprint:
    api = APIBlueprint("schedules", __name__, url_prefix="/api", abp_tags=[Tag(name="schedules")])

    @api.get("/schedules", summary="List schedules", responses={200: SchedulesResponse})
    def list_schedules() -> Response:
        return reply(SchedulesResponse(schedules=listed_schedules(service)))

    @api.get("/schedules.csv", summary="Export schedules, including deleted ones", responses={200: CSV_RESPONSE})
    def export_schedules() -> Response:
        return table("schedules", Schedule, service.schedules.all(deleted=True))

    @api.post("/schedules", summary="Create a schedule", responses={201: ScheduleResponse})
    def make_schedule(body: ScheduleRequest) -> Response:
        schedule = service.draft(
            current_actor(),
            name=body.name,
            action=body.action,
            selection=body.select.selection(),
            days=tuple(body.days),
            at=body.at,
            reason=body.reason,
            override=body.override,
        )
        service.schedules.add(schedule)
        return reply(_response(schedule, service), HTTPStatus.CREATED)

    @api.post("/schedules/<string:schedule_id>/pause", summary="Pause a schedule", responses={200: ScheduleResponse})
    def pause(path: SchedulePath) -> Response:
        return reply(_response(service.change(path.schedule_id, "paused", current_actor()), service))

    @api.post("/schedules/<string:schedule_id>/resume", summary="Resume a schedule", responses={200: ScheduleResponse})
    def resume(path: SchedulePath) -> Response:
        return reply(_response(service.change(path.schedule_id, "active", current_actor()), service))

    @api.delete("/schedules/<string:schedule_id>", summary="Delete a schedule", responses={200: ScheduleResponse})
    def delete(path: SchedulePath) -> Response:
        return reply(_response(service.change(path.schedule_id, "deleted", current_actor()), service))

    return api


def listed_schedules(service: ScheduleService) -> list[ScheduleResponse]:
    """All schedules that are not deleted, newest first."""
    return [_response(schedule, service) for schedule in service.schedules.all()]


def _response(schedule: Schedule, service: ScheduleService) -> ScheduleResponse:
    return schedule_response(schedule, time_zone=service.plant.zone.key, next_run_at=service.next_run(schedule))


def proposals_blueprint(devices: DeviceService, plant: Plant) -> APIBlueprint:
    """The route that proposes a schedule for a recommendation."""
    api = APIBlueprint("proposals", __name__, url_prefix="/api", abp_tags=[Tag(name="schedules")])

    @api.get("/devices/<string:device_id>/proposal", summary="Propose a schedule for an idling machine",
             responses={200: ProposalResponse})  # fmt: skip
    def propose(path: DevicePath) -> Response:
        return reply(_proposed(devices.require(path.device_id), plant))

    return api


def _proposed(machine: Machine, plant: Plant) -> ProposalResponse:
    proposed = None if machine.line is None else proposal(machine.line, plant)
    if proposed is None:
        raise Problem(
            "no_proposal",
            f"There is no shutdown to propose for {machine.device_id}: its line is unknown, or works around the clock.",
        )
    return ProposalResponse(
        name=f"{machine.device_id} after work",
        action="shutdown",
        select={"device_ids": [machine.device_id], "idle_minutes": 10},
        days=list(proposed.days),
        at=proposed.at,
        reason="Idle after work",
    )
