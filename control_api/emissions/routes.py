"""/api/emissions: what machines, lines and the plant emitted, location- and market-based side by side."""

from collections.abc import Iterator
from typing import Final

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.emissions.rules import EmissionRow, rows
from control_api.emissions.schemas import EmissionsQuery, EmissionsResponse
from control_api.energy.service import EnergyService
from control_api.http.csv_export import CSV_RESPONSE
from control_api.http.downloads import csv_rows, json_rows
from control_api.http.problems import Problem
from energytrack.ledger.emissions import DayFactors

MAX_DAYS: Final = 366
MAX_HOURLY_DAYS: Final = 31


def emissions_blueprint(service: EnergyService) -> APIBlueprint:
    api = APIBlueprint("emissions", __name__, url_prefix="/api", abp_tags=[Tag(name="energy")])

    @api.get("/emissions", summary="Emissions by machine, line, type or plant", responses={200: EmissionsResponse})
    def get_emissions(query: EmissionsQuery) -> Response:
        return json_rows({}, _rows(service, query))

    @api.get("/emissions.csv", summary="Export emissions as CSV", responses={200: CSV_RESPONSE})
    def export_emissions(query: EmissionsQuery) -> Response:
        return csv_rows("emissions", EmissionRow, _rows(service, query))

    return api


def _rows(service: EnergyService, query: EmissionsQuery) -> Iterator[EmissionRow]:
    first, last = service.span(query.first, query.last)
    most = MAX_HOURLY_DAYS if query.resolution == "hour" else MAX_DAYS
    if (last - first).days >= most:
        raise Problem("too_many_rows", f"At most {most} days at once, by {query.resolution}.")
    plant = service.plant
    device_ids = [query.device_id] if query.device_id else list(service.names())
    days = service.store.ledger.days(device_ids, first, last)
    return rows(days, query.by, query.resolution, DayFactors(plant.emission_factors, plant.zone), plant.zone)
