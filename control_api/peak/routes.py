"""/api/peak: the current quarter hour, and what was avoided."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.http.replies import reply
from control_api.peak.schemas import PeakNowResponse, QuartersQuery, QuartersResponse, peak_response, quarter_response
from control_api.peak.service import PeakGuard


def peak_blueprint(guard: PeakGuard) -> APIBlueprint:
    api = APIBlueprint("peak", __name__, url_prefix="/api", abp_tags=[Tag(name="energy")])

    @api.get("/peak", summary="The running quarter hour", responses={200: PeakNowResponse})
    def get_peak() -> Response:
        return reply(peak_response(guard.outlook(), guard.plant.tariff.currency))

    @api.get("/peak/avoided", summary="Quarter hours that people brought down", responses={200: QuartersResponse})
    def list_avoided(query: QuartersQuery) -> Response:
        quarters = guard.store.quarters.latest(query.limit, acted=True)
        return reply(QuartersResponse(quarters=[quarter_response(each) for each in quarters]))

    return api
