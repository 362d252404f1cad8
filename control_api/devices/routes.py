"""/api/devices: the machines, their current state and their history."""

from datetime import timedelta
from typing import Final

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.devices.rules import FleetFilter, sort_machines, thinned
from control_api.devices.schemas import (
    DeviceResponse,
    DevicesQuery,
    DevicesResponse,
    HistoryQuery,
    HistoryResponse,
    device_response,
    history_response,
)
from control_api.devices.service import DeviceService
from control_api.http.replies import reply
from control_api.http.schemas import DevicePath
from energytrack.store import Store

MAX_POINTS: Final = 1200
"""More points than a screen can show."""


def devices_blueprint(devices: DeviceService) -> APIBlueprint:
    api = APIBlueprint("devices", __name__, url_prefix="/api", abp_tags=[Tag(name="devices")])

    @api.get("/devices", summary="List machines", responses={200: DevicesResponse})
    def list_devices(query: DevicesQuery) -> Response:
        wanted = FleetFilter(
            line=query.line, device_type=query.device_type, state=query.state, min_risk=query.min_risk,
            text=query.text, locked=query.locked, silent=query.silent,
        )  # fmt: skip
        seen = devices.cached_machines()
        matching = [machine for machine in seen.value if wanted.admits(machine)]
        page = sort_machines(matching, query.sort, descending=query.descending)[
            query.offset : query.offset + query.limit
        ]
        return reply(
            DevicesResponse(
                devices=[device_response(machine) for machine in page],
                total=len(matching),
                limit=query.limit,
                offset=query.offset,
                age_seconds=round(seen.age_seconds, 1),
            )
        )

    @api.get("/devices/<string:device_id>", summary="Show a machine", responses={200: DeviceResponse})
    def get_device(path: DevicePath) -> Response:
        machine, age_seconds = devices.machine_to_show(path.device_id)
        meter = None if age_seconds else devices.meter(path.device_id)  # do not query a slow store again
        return reply(device_response(machine, meter))

    return api


def history_blueprint(devices: DeviceService, store: Store) -> APIBlueprint:
    api = APIBlueprint("history", __name__, url_prefix="/api", abp_tags=[Tag(name="devices")])

    @api.get(
        "/devices/<string:device_id>/history", summary="A machine's recent history", responses={200: HistoryResponse}
    )
    def get_history(path: DevicePath, query: HistoryQuery) -> Response:
        now = devices.clock.now()
        since, until = now - timedelta(minutes=query.minutes), now + timedelta(minutes=1)
        readings = list(store.readings.stream([path.device_id], since=since, until=until))
        insights = list(store.insights.stream([path.device_id], since=since, until=until))
        return reply(history_response(thinned(readings, MAX_POINTS), thinned(insights, MAX_POINTS)))

    return api
