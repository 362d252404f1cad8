"""/api/measures: what was done to save energy, and what it saved."""

from http import HTTPStatus

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.http.csv_export import CSV_RESPONSE, table
from control_api.http.replies import reply
from control_api.measures.rules import Outcome, sentence
from control_api.measures.schemas import (
    AcceptQuery,
    AcceptRequest,
    EndRequest,
    MeasureChangeRequest,
    MeasurePath,
    MeasureRequest,
    MeasureResponse,
    MeasuresResponse,
    measure_response,
)
from control_api.measures.service import MeasureService
from control_api.measures.shutdowns import ShutdownAcceptance
from control_api.measures.table import MeasureRow, row_of


def measures_blueprint(service: MeasureService, shutdowns: ShutdownAcceptance) -> APIBlueprint:
    api = APIBlueprint("measures", __name__, url_prefix="/api", abp_tags=[Tag(name="energy management")])
    currency = service.baselines.plant.tariff.currency

    def measure_reply(measure_id: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
        return reply(measure_response(service.outcome(measure_id), currency), status)

    @api.get("/measures", summary="List measures", responses={200: MeasuresResponse})
    def list_measures() -> Response:
        listed = [measure_response(each, currency) for each in service.all()]
        return reply(MeasuresResponse(currency=currency, measures=listed))

    @api.get("/measures.csv", summary="Export measures", responses={200: CSV_RESPONSE})
    def export_measures() -> Response:
        return table("measures", MeasureRow, [_row(each) for each in service.all()])

    def _row(outcome: Outcome) -> MeasureRow:
        return row_of(outcome, sentence(outcome, currency))

    @api.get("/measures/<string:measure_id>", summary="Show a measure", responses={200: MeasureResponse})
    def show(path: MeasurePath) -> Response:
        return measure_reply(path.measure_id)

    @api.post("/measures", summary="Open a measure", responses={201: MeasureResponse})
    def open_measure(body: MeasureRequest) -> Response:
        made = service.open(
            name=body.name,
            baseline=service.baselines.require(body.baseline_id),
            by=current_actor(),
            note=body.note,
            start=body.start,
            expected_kwh_per_day=body.expected_kwh_per_day,
            cost_of_doing=body.cost_of_doing,
        )
        return measure_reply(made.measure_id, HTTPStatus.CREATED)

    @api.post("/measures/scheduled-shutdown", summary="Accept a recommended shutdown", responses={201: MeasureResponse})
    def accept(query: AcceptQuery, body: AcceptRequest) -> Response:
        made = shutdowns.accept(
            body.device_id,
            by=current_actor(),
            reason=body.reason or query.reason or None,
            at=body.at or query.at or None,
            until=body.until or query.until or None,
        )
        return measure_reply(made.measure_id, HTTPStatus.CREATED)

    @api.post("/measures/<string:measure_id>/change", summary="Change a measure", responses={200: MeasureResponse})
    def change(path: MeasurePath, body: MeasureChangeRequest) -> Response:
        fields = {name: value for name, value in body.model_dump(exclude={"note"}).items() if value is not None}
        service.change(path.measure_id, by=current_actor(), note=body.note, **fields)
        return measure_reply(path.measure_id)

    @api.post("/measures/<string:measure_id>/end", summary="End a measure", responses={200: MeasureResponse})
    def end(path: MeasurePath, body: EndRequest) -> Response:
        service.end(path.measure_id, by=current_actor(), note=body.note, undo=body.undo)
        return measure_reply(path.measure_id)

    return api
