"""/api/machines: machines that come and go are retired, renamed or removed."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import DevicePath
from control_api.machines.rules import toml_lines
from control_api.machines.schemas import (
    MachineRecordResponse,
    MachineRecordsResponse,
    RemoveRequest,
    RenameRequest,
    RetireRequest,
    UnknownMachineResponse,
    UnknownMachinesResponse,
    record_response,
)
from control_api.machines.service import MachineService


def machines_blueprint(service: MachineService) -> APIBlueprint:
    api = APIBlueprint("machines", __name__, url_prefix="/api", abp_tags=[Tag(name="machines that come and go")])

    @api.get("/machines/unknown", summary="List unknown machines", responses={200: UnknownMachinesResponse})
    def list_unknown() -> Response:
        machines = [
            UnknownMachineResponse(
                device_id=each.device_id,
                device_type=each.device_type,
                line=each.line,
                last_reading_at=None if each.reading is None else each.reading.timestamp,
                toml=toml_lines(each, service.plant),
            )
            for each in service.unknown()
        ]
        return reply(UnknownMachinesResponse(machines=machines))

    @api.get("/machines/records", summary="List what was done", responses={200: MachineRecordsResponse})
    def list_records() -> Response:
        records = [record_response(record) for record in service.store.machines.newest()]
        return reply(MachineRecordsResponse(records=records))

    @api.post("/devices/<string:device_id>/retire", summary="Retire a machine", responses={200: MachineRecordResponse})
    def retire(path: DevicePath, body: RetireRequest) -> Response:
        return reply(record_response(service.retire(path.device_id, by=current_actor(), reason=body.reason)))

    @api.post("/devices/<string:device_id>/rename", summary="Rename a machine", responses={200: MachineRecordResponse})
    def rename(path: DevicePath, body: RenameRequest) -> Response:
        return reply(
            record_response(service.rename(path.device_id, to=body.to, by=current_actor(), reason=body.reason))
        )

    @api.post("/devices/<string:device_id>/remove", summary="Remove a stray", responses={200: MachineRecordResponse})
    def remove(path: DevicePath, body: RemoveRequest) -> Response:
        if body.device_id != path.device_id:
            raise Problem("invalid_request", f"To remove {path.device_id}, repeat its id in device_id.")
        return reply(record_response(service.remove(path.device_id, by=current_actor(), reason=body.reason)))

    return api
