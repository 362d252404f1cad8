"""/api/devices: what machines there are and how they are."""

from typing import Annotated

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from control_api.devices.rules import FleetFilter, SortKey
from control_api.devices.rules import sort_machines as ordered
from control_api.devices.schemas import DeviceResponse, device_response
from control_api.devices.service import DeviceService
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import DevicePath, PageSize, RequestModel, ResponseModel
from energytrack.messages import State


class DevicesQuery(RequestModel):
    """Which machines, in which order, from which on."""

    line: str | None = Field(None, max_length=64)
    device_type: str | None = Field(None, max_length=64)
    state: State | None = None
    min_risk: Annotated[float, Field(ge=0, le=1)] | None = Field(None, description="Least failure probability")
    locked: bool | None = None
    silent: bool | None = Field(None, description="Those that nobody hears, or those that somebody does")
    text: str | None = Field(None, max_length=64, description="Part of the id, the type or the line, in any case")
    sort: SortKey = "device_id"
    descending: bool = False
    limit: PageSize = 100
    offset: int = Field(0, ge=0, le=1_000_000)


class DevicesResponse(ResponseModel):
    """A page of machines."""

    devices: list[DeviceResponse]
    total: int = Field(description="How many machines fit the filter")
    limit: int
    offset: int


def devices_blueprint(situations: DeviceService) -> APIBlueprint:
    """The routes."""
    api = APIBlueprint("devices", __name__, url_prefix="/api", abp_tags=[Tag(name="devices")])

    @api.get("/devices", summary="List machines", responses={200: DevicesResponse})
    def list_devices(query: DevicesQuery) -> Response:
        wanted = FleetFilter(
            line=query.line, device_type=query.device_type, state=query.state, min_risk=query.min_risk,
            text=query.text, locked=query.locked, silent=query.silent,
        )  # fmt: skip
        found = [machine for machine in situations.cached_machines() if wanted.admits(machine)]
        page = ordered(found, query.sort, descending=query.descending)[query.offset : query.offset + query.limit]
        return reply(
            DevicesResponse(
                devices=[device_response(machine) for machine in page],
                total=len(found),
                limit=query.limit,
                offset=query.offset,
            )
        )

    @api.get("/devices/<string:device_id>", summary="Show a machine", responses={200: DeviceResponse})
    def get_device(path: DevicePath) -> Response:
        machine = situations.machine(path.device_id)
        if machine is None:
            raise Problem("unknown_device", f"Nobody has heard of a device {path.device_id}.")
        return reply(device_response(machine))

    return api
