"""/api/production and /api/stops: OEE, and when and why machines stopped."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.http.csv_export import CSV_RESPONSE, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import typed_text
from control_api.production.rules import ProductionRow, StopRow, production_rows, stop_rows
from control_api.production.schemas import (
    LossResponse,
    MachinesQuery,
    ProductionQuery,
    ProductionResponse,
    ReasonQuery,
    ReasonRequest,
    StopExplanationResponse,
    StopReasonResponse,
    StopsQuery,
    StopsResponse,
)
from control_api.production.service import ProductionService
from energytrack.production.machine_days import MachineDay
from energytrack.production.stops import pareto

WORKED_OUT: Final = ("/api/production", "/api/stops")
"""Routes that read days of many machines."""


def production_blueprint(service: ProductionService) -> APIBlueprint:
    api = APIBlueprint("production", __name__, url_prefix="/api", abp_tags=[Tag(name="production")])

    @api.get(
        "/production", summary="Parts, availability, performance, quality, OEE", responses={200: ProductionResponse}
    )
    def get_production(query: ProductionQuery) -> Response:
        rows = production_rows(_days(service, query), query.by, query.resolution)
        return reply(ProductionResponse.model_validate({"rows": list(rows)}, from_attributes=True))

    @api.get("/production.csv", summary="The same as CSV", responses={200: CSV_RESPONSE})
    def export_production(query: ProductionQuery) -> Response:
        return table("production", ProductionRow, production_rows(_days(service, query), query.by, query.resolution))

    @api.get("/stops", summary="Stops, their reasons, and what they took", responses={200: StopsResponse})
    def list_stops(query: StopsQuery) -> Response:
        days = _days(service, query)
        rows = [row for row in stop_rows(days, service.plant.zone) if row.reason is None or not query.unexplained]
        answer = {
            "stops": rows[: query.limit],
            "found": len(rows),
            "reasons": [StopReasonResponse.model_validate(each, from_attributes=True)
                        for each in service.plant.production.reasons],
            "pareto": _losses(service, days),
            "micro_stops": sum(day.micro.stops for day in days),
            "micro_stop_seconds": sum(day.micro.seconds for day in days),
            "currency": service.plant.tariff.currency,
        }  # fmt: skip
        return reply(StopsResponse.model_validate(answer, from_attributes=True))

    @api.get("/stops.csv", summary="Export stops as CSV", responses={200: CSV_RESPONSE})
    def export_stops(query: MachinesQuery) -> Response:
        return table("stops", StopRow, stop_rows(_days(service, query), service.plant.zone))

    @api.post("/stops/reason", summary="Say why a machine stood", responses={201: StopExplanationResponse})
    def give_reason(query: ReasonQuery, body: ReasonRequest) -> Response:
        reason = body.reason or typed_text(query.reason)
        if reason is None:
            expected = ", ".join(each.code for each in service.plant.production.reasons)
            raise Problem("invalid_request", f"Say why: reason is one of {expected}.")
        note = body.note or typed_text(query.note) or ""
        record = service.explain(body.device_id, body.start, reason, note=note, by=current_actor())
        return reply(StopExplanationResponse.model_validate(record, from_attributes=True), HTTPStatus.CREATED)

    return api


def _days(service: ProductionService, query: MachinesQuery) -> Sequence[MachineDay]:
    return service.days(
        query.first, query.last, device_id=query.device_id, line=query.line, device_type=query.device_type
    )


def _losses(service: ProductionService, days: Sequence[MachineDay]) -> list[LossResponse]:
    """The Pareto chart; with costs if plant.toml has the cost of an hour."""
    costs: dict[str | None, float] = {}
    for day in days:
        rate = service.plant.costs.of_an_hour(day.place.device_type, day.place.line)
        for each in day.stood:
            if rate is not None and not each.is_planned:
                code = None if each.reason is None else each.reason.code
                costs[code] = costs.get(code, 0.0) + rate * each.stop.seconds / 3600.0
    losses = pareto(each for day in days for each in day.stood)
    return [
        LossResponse(
            code=each.code, text=each.text, planned=each.planned, stops=each.stops, seconds=each.seconds,
            share=each.share, cumulative=each.cumulative, cost=costs.get(each.code),
        )
        for each in losses
    ]  # fmt: skip
