"""/api/cases: everything that is wrong with a machine, to be read and handled as one case."""

from collections.abc import Sequence

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.alarms.case_schemas import CasePath, CaseResponse, CasesQuery, CasesResponse, case_response
from control_api.alarms.case_service import CaseService
from control_api.alarms.cases import Case
from control_api.alarms.schemas import (
    AssignRequest,
    CommentRequest,
    OptionalCommentRequest,
    SnoozeRequest,
    VerdictRequest,
)
from control_api.auth.current import current_actor
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import typed_text


def cases_blueprint(service: CaseService) -> APIBlueprint:
    """The routes of cases."""
    api = APIBlueprint("cases", __name__, url_prefix="/api", abp_tags=[Tag(name="alarms")])

    def answer(case: Case) -> Response:
        return reply(case_responses(service, [case])[0])

    @api.get("/cases", summary="List what is wrong, by machine", responses={200: CasesResponse})
    def list_cases(query: CasesQuery) -> Response:
        cases = case_responses(service, service.closed() if query.closed else service.all())
        return reply(CasesResponse(cases=cases, total=len(cases)))

    @api.get("/cases/<string:case_id>", summary="Show what is wrong with a machine", responses={200: CaseResponse})
    def get_case(path: CasePath) -> Response:
        return answer(service.get(path.case_id))

    @api.post("/cases/<string:case_id>/acknowledge", summary="Acknowledge a case", responses={200: CaseResponse})
    def acknowledge_case(path: CasePath, body: OptionalCommentRequest) -> Response:
        return answer(service.acknowledge(path.case_id, current_actor(), comment=body.comment))

    @api.post("/cases/<string:case_id>/snooze", summary="Snooze a case", responses={200: CaseResponse})
    def snooze_case(path: CasePath, body: SnoozeRequest) -> Response:
        actor = current_actor()
        return answer(service.snooze(path.case_id, actor, minutes=body.minutes, comment=body.comment))

    @api.post("/cases/<string:case_id>/comment", summary="Comment on a case", responses={200: CaseResponse})
    def comment_on_case(path: CasePath, body: CommentRequest) -> Response:
        return answer(service.comment(path.case_id, current_actor(), comment=body.comment))

    @api.post("/cases/<string:case_id>/assign", summary="Assign a case", responses={200: CaseResponse})
    def assign_case(path: CasePath, body: AssignRequest) -> Response:
        actor = current_actor()
        return answer(service.assign(path.case_id, actor, assignee=body.assignee, comment=body.comment))

    @api.post("/cases/<string:case_id>/verdict", summary="Give a verdict on a case", responses={200: CaseResponse})
    def judge_case(path: CasePath, body: VerdictRequest) -> Response:
        finding = typed_text(body.finding)
        if finding is None:
            raise Problem("reason_needed", "State what was found, as `finding` in the body.")
        return answer(service.judge(path.case_id, current_actor(), verdict=body.verdict, finding=finding))

    return api


def case_responses(service: CaseService, cases: Sequence[Case]) -> list[CaseResponse]:
    """The responses of these cases, each with its comments."""
    remarks, now = service.remarks(cases), service.alarms.clock.now()
    return [case_response(case, now=now, remarks=remarks[case.case_id]) for case in cases]
