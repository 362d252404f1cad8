"""/api/duty, /api/pages and /api/noise: who is paged about alarms, what was sent, and how noisy each rule is."""

from datetime import timedelta
from http import HTTPStatus

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.http.csv_export import CSV_RESPONSE, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.paging.noise import RuleNoise
from control_api.paging.schemas import (
    DutyResponse,
    EscalationResponse,
    NoiseQuery,
    NoiseResponse,
    PagedPersonResponse,
    PageResponse,
    PagesQuery,
    PagesResponse,
    TestPageRequest,
    noise_response,
    page_response,
    watch_response,
)
from control_api.paging.service import SHOWN_PAGES, PagingService


def paging_blueprint(service: PagingService) -> APIBlueprint:
    api = APIBlueprint("paging", __name__, url_prefix="/api", abp_tags=[Tag(name="paging")])

    @api.get("/duty", summary="Show who is on duty", responses={200: DutyResponse})
    def show_duty() -> Response:
        return reply(duty_response(service))

    @api.get("/pages", summary="List pages", responses={200: PagesResponse})
    def list_pages(query: PagesQuery) -> Response:
        return reply(PagesResponse(pages=[page_response(page) for page in service.pages.latest(limit=query.limit)]))

    @api.post("/duty/test", summary="Send a test page", responses={202: PageResponse})
    def test_channels(body: TestPageRequest) -> Response:
        if service.duty is None:
            raise Problem("no_duty", "The plant file has no [duty], so nobody is paged by the control API.")
        return reply(page_response(service.test(body.who)), HTTPStatus.ACCEPTED)

    @api.get("/noise", summary="Show which rules alarm how often", responses={200: NoiseResponse})
    def show_noise(query: NoiseQuery) -> Response:
        until = service.clock.now()
        since = until - timedelta(days=query.days)
        rules = [noise_response(rule) for rule in service.noise(since, until)]
        return reply(NoiseResponse(since=since, until=until, rules=rules))

    @api.get("/noise.csv", summary="Export which rules alarm how often", responses={200: CSV_RESPONSE})
    def export_noise(query: NoiseQuery) -> Response:
        until = service.clock.now()
        return table("noise", RuleNoise, service.noise(until - timedelta(days=query.days), until))

    return api


def duty_response(service: PagingService) -> DutyResponse:
    """Who is on duty, and whom each open case was paged to."""
    duty = service.duty
    if duty is None:
        return DutyResponse(configured=False, on_duty=[], escalate_to=[], escalate_minutes=None, unreachable=[],
                            escalations=[])  # fmt: skip
    watches = duty.watches(service.clock.now())
    next_ones = duty.rules.escalate_to
    people = dict.fromkeys([*(watch.who for watch in watches), *next_ones])
    escalations = service.pages.escalations()
    notified: dict[str, list[PagedPersonResponse]] = {case_id: [] for case_id in escalations}
    for page in service.pages.of_cases(list(escalations), limit=SHOWN_PAGES):
        escalation = escalations[page.case_id or ""]
        if page.kind == "page" and page.created_at >= escalation.opened_at:
            notified[escalation.case_id].append(
                PagedPersonResponse(
                    who=page.who, at=page.sent_at or page.created_at, status=page.status, problem=page.problem
                )
            )
    return DutyResponse(
        configured=True,
        on_duty=[watch_response(watch, service.channels.kinds(watch.who)) for watch in watches],
        escalate_to=list(next_ones),
        escalate_minutes=duty.rules.escalate_minutes,
        unreachable=[who for who in people if not service.channels.kinds(who)],
        escalations=[
            EscalationResponse(case_id=case_id, due_at=escalation.due_at, paged=notified[case_id])
            for case_id, escalation in sorted(escalations.items())
        ],
    )
