"""/api/energy: what machines, lines and the plant used, from the ledger; and decisions about suspect energy."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.energy.rules import EnergyRow, periods, too_long
from control_api.energy.schemas import (
    CorrectionRequest,
    CorrectionResponse,
    CorrectionsQuery,
    CorrectionsResponse,
    EnergyCsvQuery,
    EnergyQuery,
    EnergyResponse,
    SuspectsQuery,
    SuspectsResponse,
    correction_response,
    suspect_response,
)
from control_api.energy.service import EnergyService
from control_api.http.csv_export import CSV_RESPONSE
from control_api.http.downloads import MAX_XLSX_ROWS, XLSX_RESPONSE, csv_rows, json_rows, xlsx_rows
from control_api.http.problems import Problem
from control_api.http.replies import reply
from energytrack.ledger.correction import Correction

MAX_JSON_ROWS: Final = 100_000
MAX_CSV_ROWS: Final = 5_000_000


def energy_blueprint(service: EnergyService) -> APIBlueprint:
    api = APIBlueprint("energy", __name__, url_prefix="/api", abp_tags=[Tag(name="energy")])

    @api.get("/energy", summary="Energy by machine, line, type or plant", responses={200: EnergyResponse})
    def get_energy(query: EnergyQuery) -> Response:
        first, last = service.span(query.first, query.last)
        head = {
            "from": first, "to": last, "by": query.by, "resolution": query.resolution,
            "currency": service.plant.tariff.currency, "time_zone": service.plant.zone.key,
        }  # fmt: skip
        return json_rows(head, _rows(service, query, MAX_JSON_ROWS))

    @api.get("/energy.csv", summary="Export energy as CSV", responses={200: CSV_RESPONSE})
    def export_csv(query: EnergyCsvQuery) -> Response:
        return csv_rows("energy", EnergyRow, _rows(service, query, MAX_CSV_ROWS), separator=query.separator)

    @api.get("/energy.xlsx", summary="Export energy as XLSX", responses={200: XLSX_RESPONSE})
    def export_xlsx(query: EnergyQuery) -> Response:
        return xlsx_rows("energy", EnergyRow, _rows(service, query, MAX_XLSX_ROWS))

    return api


def corrections_blueprint(service: EnergyService) -> APIBlueprint:
    api = APIBlueprint("corrections", __name__, url_prefix="/api", abp_tags=[Tag(name="energy")])

    @api.get("/energy/suspects", summary="Energy that waits for a decision", responses={200: SuspectsResponse})
    def list_suspects(query: SuspectsQuery) -> Response:
        suspects = service.suspects(*service.span(query.first, query.last))
        return reply(SuspectsResponse(suspects=[suspect_response(each) for each in suspects]))

    @api.get("/energy/corrections", summary="List decisions about energy", responses={200: CorrectionsResponse})
    def list_corrections(query: CorrectionsQuery) -> Response:
        corrections = service.store.corrections.latest(
            limit=query.limit + 1, device_id=query.device_id, before=query.before
        )
        page, more = corrections[: query.limit], len(corrections) > query.limit
        return reply(
            CorrectionsResponse(
                corrections=[_correction_response(service, each) for each in page],
                next=page[-1].correction_id if more else None,
            )
        )

    @api.post("/energy/corrections", summary="Decide about energy", responses={201: CorrectionResponse})
    def decide(body: CorrectionRequest) -> Response:
        made = service.decide(
            body.device_id, body.start, body.end, body.decision, kwh=body.kwh, reason=body.reason, by=current_actor()
        )
        return reply(_correction_response(service, made), HTTPStatus.CREATED)

    return api


def _correction_response(service: EnergyService, made: Correction) -> CorrectionResponse:
    return correction_response(made, service.unit_of(made.device_id), is_meter=service.is_meter(made.device_id))


def _rows(service: EnergyService, query: EnergyQuery, most: int) -> Iterator[EnergyRow]:
    first, last = service.span(query.first, query.last)
    names = len(service.names()) if query.by == "machine" and query.device_id is None else 1
    count = names * periods(first, last, query.resolution, service.plant.zone)
    complained = too_long(count, most)
    if complained is not None:
        raise Problem("too_many_rows", complained)
    return service.rows(first, last, by=query.by, resolution=query.resolution, selection=query.selection())
