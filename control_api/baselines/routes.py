"""/api/baselines and /api/variables: what energy depends on, and how it compares."""

from datetime import date
from http import HTTPStatus
from typing import Final

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.current import current_actor
from control_api.baselines.files import variables_of
from control_api.baselines.requests import (
    ApproveBaselineRequest,
    BaselinePath,
    BaselineRequest,
    BaselinesQuery,
    CourseQuery,
    RetireBaselineRequest,
    ValuesRequest,
    VariableFileQuery,
    VersionRequest,
)
from control_api.baselines.schemas import (
    BaselineResponse,
    BaselinesResponse,
    CourseResponse,
    VariablesResponse,
    baseline_response,
    course_response,
    variables_response,
)
from control_api.baselines.service import BaselineService
from control_api.http.csv_export import CSV_RESPONSE, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from energytrack.baselines.course import Point
from energytrack.baselines.reading import Boundary
from energytrack.baselines.variables import OWN
from energytrack.ledger.local_days import ONE_DAY
from energytrack.store.energy.baselines import Baseline

FITTED: Final = ("/api/baselines", "/api/measures")
"""Routes below which years of energy may be read, and a model fitted."""
FIT_SECONDS: Final = 60.0
"""How long that may take: the first fit also waits for its library."""


def baselines_blueprint(service: BaselineService) -> APIBlueprint:
    api = APIBlueprint("baselines", __name__, url_prefix="/api", abp_tags=[Tag(name="energy management")])

    @api.get("/baselines", summary="List baselines", responses={200: BaselinesResponse})
    def list_baselines(query: BaselinesQuery) -> Response:
        baselines = service.store.baselines.newest(retired=query.retired)
        return reply(BaselinesResponse(baselines=[baseline_response(each) for each in baselines]))

    @api.post("/baselines", summary="Make a baseline, or see what it would be", responses={201: BaselineResponse})
    def make(body: BaselineRequest) -> Response:
        made = service.make(
            Boundary(body.hours, body.device_id, body.line, body.device_type),
            body.first,
            body.last,
            by=current_actor(),
            note=body.note,
            name=body.name,
            variables=body.variables,
            exclusions=[each.exclusion() for each in body.exclusions],
            dry_run=body.dry_run,
        )
        return reply(baseline_response(made), HTTPStatus.OK if body.dry_run else HTTPStatus.CREATED)

    @api.get(
        "/baselines/<string:baseline_id>", summary="All versions of a baseline", responses={200: BaselinesResponse}
    )
    def versions(path: BaselinePath) -> Response:
        service.require(path.baseline_id)
        stored = service.store.baselines.versions(path.baseline_id)
        return reply(BaselinesResponse(baselines=[baseline_response(each) for each in stored]))

    @api.post(
        "/baselines/<string:baseline_id>",
        summary="Make a new version, or see what it would be",
        responses={201: BaselineResponse},
    )
    def change(path: BaselinePath, body: VersionRequest) -> Response:
        made = service.make_version(
            path.baseline_id, body.version, by=current_actor(), note=body.note, changes=body.changes(),
            dry_run=body.dry_run,
        )  # fmt: skip
        return reply(baseline_response(made), HTTPStatus.OK if body.dry_run else HTTPStatus.CREATED)

    @api.post(
        "/baselines/<string:baseline_id>/approve", summary="Approve a baseline", responses={200: BaselineResponse}
    )
    def approve(path: BaselinePath, body: ApproveBaselineRequest) -> Response:
        made = service.approve(path.baseline_id, body.version, by=current_actor(), note=body.note)
        return reply(baseline_response(made))

    @api.post("/baselines/<string:baseline_id>/retire", summary="Retire a baseline", responses={200: BaselineResponse})
    def retire(path: BaselinePath, body: RetireBaselineRequest) -> Response:
        made = service.retire(path.baseline_id, body.version, by=current_actor(), note=body.note)
        return reply(baseline_response(made))

    @api.get("/baselines/<string:baseline_id>/course", summary="Energy against it", responses={200: CourseResponse})
    def course(path: BaselinePath, query: CourseQuery) -> Response:
        baseline = service.require(path.baseline_id, query.version)
        against = service.against(baseline, *_span(service, baseline, query))
        return reply(course_response(baseline, against, service.plant.tariff.currency))

    @api.get("/baselines/<string:baseline_id>/course.csv", summary="The same as CSV", responses={200: CSV_RESPONSE})
    def export(path: BaselinePath, query: CourseQuery) -> Response:
        baseline = service.require(path.baseline_id, query.version)
        return table("course", Point, service.against(baseline, *_span(service, baseline, query)).points)

    return api


def variables_blueprint(service: BaselineService) -> APIBlueprint:
    api = APIBlueprint("variables", __name__, url_prefix="/api", abp_tags=[Tag(name="energy management")])

    @api.get("/variables", summary="What energy may depend on", responses={200: VariablesResponse})
    def list_variables() -> Response:
        return reply(variables_response(OWN, list(service.store.variables.summaries())))

    @api.post("/variables", summary="Send values of a variable", responses={200: VariablesResponse})
    def put_values(body: ValuesRequest) -> Response:
        values = {each.day: each.value for each in body.values}
        service.put_values(body.name, values, source="api", by=current_actor())
        return list_variables()  # type: ignore[no-any-return]

    @api.post("/variables/import", summary="Import a file (the body)", responses={200: VariablesResponse})
    def import_values(query: VariableFileQuery) -> Response:
        series = variables_of(request.get_data(), query, zone=service.plant.zone)
        for name, values in series.items():
            service.put_values(name, values, source="import", by=current_actor())
        return list_variables()  # type: ignore[no-any-return]

    return api


def _span(service: BaselineService, baseline: Baseline, query: CourseQuery) -> tuple[date, date]:
    yesterday = service.today() - ONE_DAY
    last = yesterday if query.last is None else min(query.last, yesterday)
    first = baseline.last + ONE_DAY if query.first is None else query.first
    if query.first is not None and query.last is not None and query.first > query.last:
        raise Problem("invalid_request", f"from ({query.first}) is after to ({query.last}).")
    return first, last
