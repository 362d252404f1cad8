"""/api/readings: readings as machines sent them, streamed, also for spreadsheets."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from msgspec import Struct
from pydantic import Field, create_model

from control_api.devices.rules import FleetFilter
from control_api.devices.service import DeviceService
from control_api.http.csv_export import CSV_RESPONSE
from control_api.http.downloads import (
    MAX_XLSX_ROWS,
    XLSX_RESPONSE,
    Separator,
    csv_rows,
    json_rows,
    xlsx_rows,
)
from control_api.http.problems import Problem
from control_api.http.schemas import DeviceId, ResponseModel, TextModel
from energytrack.fields import SignalName, State
from energytrack.messages import Reading
from energytrack.store import Store

DEFAULT_SPAN: Final = timedelta(hours=1)
FIRST_YEAR: Final = 1999
LAST_YEAR: Final = 2200
MAX_JSON_ROWS: Final = 100_000
MAX_CSV_ROWS: Final = 10_000_000


class ReadingRow(Struct, frozen=True):
    """A reading; null where a sensor was lost or a value is not sent."""

    device_id: str
    timestamp: datetime
    device_type: str | None
    line: str | None
    state: State | None
    temperature_celsius: float | None
    pressure_bar: float | None
    current_amperes: float | None
    energy_kwh: float | None
    signals: Mapping[SignalName, float | None]


ReadingRowResponse: Any = create_model(
    "ReadingRow",
    __base__=ResponseModel,
    **{
        field.name: (dict[str, float | None] if field.name == "signals" else field.type, ...)
        for field in msgspec.structs.fields(ReadingRow)
    },  # type: ignore[call-overload]
)


class ReadingsQuery(TextModel):
    """Whose readings, and of what time."""

    since: datetime | None = Field(None, description="ISO 8601 with its zone; default: an hour before `until`")
    until: datetime | None = Field(None, description="Not included; default: now")
    device_id: DeviceId | None = Field(None, description="Only this machine")
    line: str | None = Field(None, max_length=64, description="Only machines of this line")
    device_type: str | None = Field(None, max_length=64, description="Only machines of this type")


class ReadingsCsvQuery(ReadingsQuery):
    separator: Separator = Field(
        "comma", description="`semicolon` adds a byte order mark and decimal commas, for spreadsheets in Europe"
    )


class ReadingsResponse(ResponseModel):
    """Readings, machine after machine, the oldest first."""

    since: datetime
    until: datetime
    rows: list[ReadingRowResponse]


def readings_blueprint(devices: DeviceService, store: Store) -> APIBlueprint:
    api = APIBlueprint("readings", __name__, url_prefix="/api", abp_tags=[Tag(name="devices")])

    def rows(query: ReadingsQuery, most: int) -> Iterator[ReadingRow]:
        since, until = _span(query, devices.clock.now())
        device_ids = _device_ids(devices, query)
        count = round((until - since).total_seconds()) * len(device_ids)
        if count > most:
            raise Problem(
                "too_many_rows",
                f"This may be {count:,} readings ({len(device_ids)} machines, one a second each), and at most {most:,} "
                "are given here. Ask for a shorter time or fewer machines, or for energy by quarter hour "
                "(/api/energy); CSV has the highest limit.",
            )
        return map(_row, store.readings.stream(device_ids, since=since, until=until))

    @api.get("/readings", summary="Readings as they were sent", responses={200: ReadingsResponse})
    def get_readings(query: ReadingsQuery) -> Response:
        since, until = _span(query, devices.clock.now())
        return json_rows({"since": since, "until": until}, rows(query, MAX_JSON_ROWS))

    @api.get("/readings.csv", summary="Export readings as CSV", responses={200: CSV_RESPONSE})
    def export_csv(query: ReadingsCsvQuery) -> Response:
        return csv_rows("readings", ReadingRow, rows(query, MAX_CSV_ROWS), separator=query.separator)

    @api.get("/readings.xlsx", summary="Export readings as XLSX", responses={200: XLSX_RESPONSE})
    def export_xlsx(query: ReadingsQuery) -> Response:
        return xlsx_rows("readings", ReadingRow, rows(query, MAX_XLSX_ROWS))

    return api


def _span(query: ReadingsQuery, now: datetime) -> tuple[datetime, datetime]:
    for name, moment in (("since", query.since), ("until", query.until)):
        if moment is not None and moment.tzinfo is None:
            raise Problem("invalid_request", f"{name} needs its zone: {moment.isoformat()}Z, or with +01:00.")
        if moment is not None and not FIRST_YEAR < moment.year < LAST_YEAR:
            raise Problem("invalid_request", f"{name}: there are no readings of the year {moment.year}.")
    until = query.until or now
    since = query.since or until - DEFAULT_SPAN
    if since >= until:
        raise Problem("invalid_request", "until must be after since.")
    return since.astimezone(UTC), until.astimezone(UTC)


def _device_ids(devices: DeviceService, query: ReadingsQuery) -> Sequence[str]:
    if query.device_id is not None:
        return [devices.require(query.device_id).device_id]
    wanted = FleetFilter(line=query.line, device_type=query.device_type)
    return sorted(machine.device_id for machine in devices.cached_machines().value if wanted.admits(machine))


def _row(reading: Reading) -> ReadingRow:
    return ReadingRow(
        reading.device_id, reading.timestamp, reading.device_type, reading.line, reading.state, reading.temperature,
        reading.pressure, reading.current, reading.energy_kwh, reading.signals,
    )  # fmt: skip
