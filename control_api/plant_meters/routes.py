"""/api/energy/meters: main meters, gas, compressed air, water and heat, and what no meter below them covers."""

from typing import Final

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.http.csv_export import CSV_RESPONSE
from control_api.http.downloads import csv_rows, json_rows
from control_api.plant_meters.rules import MeterRow
from control_api.plant_meters.schemas import MetersCsvQuery, MetersQuery, MetersResponse
from control_api.plant_meters.service import PlantMeterService

TAGS: Final = [Tag(name="energy")]


def plant_meters_blueprint(service: PlantMeterService) -> APIBlueprint:
    api = APIBlueprint("plant_meters", __name__, url_prefix="/api", abp_tags=TAGS)

    @api.get("/energy/meters", summary="Plant meters", responses={200: MetersResponse})
    def get_meters(query: MetersQuery) -> Response:
        first, last = service.span(query.first, query.last)
        head = {
            "from": first, "to": last, "resolution": query.resolution, "time_zone": service.plant.zone.key,
        }  # fmt: skip
        return json_rows(head, service.rows(first, last, query.resolution, query.meter))

    @api.get("/energy/meters.csv", summary="Export meters as CSV", responses={200: CSV_RESPONSE})
    def export_meters(query: MetersCsvQuery) -> Response:
        first, last = service.span(query.first, query.last)
        rows = service.rows(first, last, query.resolution, query.meter)
        return csv_rows("meters", MeterRow, rows, separator=query.separator)

    return api
