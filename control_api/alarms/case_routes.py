"""/api/cases: everything that is wrong with a machine, to be read and handled as one case."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.alarms.case_schemas import CasePath, CaseResponse, CasesResponse, case_response
from control_api.alarms.case_service import CaseService
from control_api.alarms.cases import Case
from control_api.alarms.schemas import AssignRequest, CommentRequest, OptionalCommentRequest, VerdictRequest
from control_api.auth.current import current_actor
from control_api.http.replies import reply


def cases_blueprint(service: CaseService) -> APIBlueprint:
    """The routes of cases."""
    api = APIBlueprint("cases", __name__, url_prefix="/api", abp_tags=[Tag(name="alarms")])

    def answer(case: Case) -> Response:
        return reply(case_response(case, now=service.alarms.clock.now(), remarks=service.remarks(case)))

    @api.get("/cases", summary="List what is wrong, by machine", responses={200: CasesResponse})
    def list_cases() -> Response:
        now = service.alarms.clock.now()
        cases = [case_response(case, now=now) for case in service.all()]
        return reply(CasesResponse(cases=cases, total=len(cases)))

    @api.get("/cases/<string:case_id>", summary="Show what is wrong with a machine", responses={200: CaseResponse})
    def get_case(path: CasePath) -> Response:
        return answer(service.get(path.case_id))

    @api.post("/cases/<string:case_id>/acknowledge", summary="Acknowledge a case", responses={200: CaseResponse})
    def acknowledge_case(path: CasePath, body: OptionalCommentRequest) -> Response:
        return answer(service.acknowledge(path.case_id, current_actor(), comment=body.comment))

    @api.post("/cases/<string:case_id>/comment", summary="Comment on a case", responses={200: CaseResponse})
    def comment_on_case(path: CasePath, body: CommentRequest) -> Response:
        return answer(service.comment(path.case_id, current_actor(), comment=body.comment))

    @api.post("/cases/<string:case_id>/assign", summary="Assign a case", responses={200: CaseResponse})
    def assign_case(path: CasePath, body: AssignRequest) -> Response:
        actor = current_actor()
        return answer(service.assign(path.case_id, actor, assignee=body.assignee, comment=body.comment))

    @api.post("/cases/<string:case_id>/verdict", summary="Give a verdict on a case", responses={200: CaseResponse})
    def judge_case(path: CasePath, body: VerdictRequest) -> Response:
        return answer(service.judge(path.case_id, current_actor(), verdict=body.verdict, finding=body.finding))

    return api
