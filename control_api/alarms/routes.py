"""/api/alerts, for notifications from Grafana and Alertmanager, and /api/alarms, for people."""

import structlog
from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.alarms.schemas import (
    AcknowledgeDeviceRequest,
    AcknowledgedResponse,
    AlarmPath,
    AlarmResponse,
    AlarmsQuery,
    AlarmsResponse,
    AlarmVerdictRequest,
    AssignRequest,
    CommentRequest,
    LogQuery,
    LogResponse,
    NotificationResponse,
    OptionalCommentRequest,
    SnoozeRequest,
    VerdictQuery,
    alarm_response,
    log_entry_response,
)
from control_api.alarms.service import AlarmService
from control_api.alarms.webhooks import NotificationRequest
from control_api.auth.current import current_actor
from control_api.http.csv_export import CSV_RESPONSE, MAX_ROWS, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import typed_text
from energytrack.store.operations.alarms import Alarm, LogEntry

log = structlog.get_logger(__name__)


def alarms_blueprint(service: AlarmService) -> APIBlueprint:
    """The routes for notifications and for reading."""
    api = APIBlueprint("alarms", __name__, url_prefix="/api", abp_tags=[Tag(name="alarms")])

    @api.post("/alerts", summary="Take a notification of Grafana's alerting or Alertmanager",
              responses={200: NotificationResponse})  # fmt: skip
    def take_alerts(body: NotificationRequest) -> Response:
        if body.truncatedAlerts:
            log.warning("a notification was truncated by its sender", missing=body.truncatedAlerts)
        return reply(NotificationResponse(alerts=len(body.alerts), changed=service.take(body.parsed_alerts())))

    @api.get("/alarms", summary="List alarms", responses={200: AlarmsResponse})
    def list_alarms(query: AlarmsQuery) -> Response:
        wanted = query.filter()
        page = service.alarms.find(wanted, limit=query.limit, offset=query.offset)
        return reply(
            AlarmsResponse(
                alarms=[alarm_response(alarm) for alarm in page],
                total=service.alarms.count(wanted),
                limit=query.limit,
                offset=query.offset,
            )
        )

    @api.get("/alarms.csv", summary="Export alarms", responses={200: CSV_RESPONSE})
    def export_alarms(query: AlarmsQuery) -> Response:
        return table("alarms", Alarm, service.alarms.find(query.filter(), limit=MAX_ROWS, offset=query.offset))

    @api.get("/alarm-log.csv", summary="Export the log of all alarms", responses={200: CSV_RESPONSE})
    def export_log(query: LogQuery) -> Response:
        return table("alarm-log", LogEntry, service.alarms.log(limit=MAX_ROWS, before=query.before))

    @api.get("/alarms/<string:alarm_id>", summary="Show an alarm", responses={200: AlarmResponse})
    def get_alarm(path: AlarmPath) -> Response:
        alarm = service.alarms.get(path.alarm_id)
        if alarm is None:
            raise Problem("unknown_alarm", f"There is no alarm {path.alarm_id}.")
        return reply(alarm_response(alarm))

    @api.get("/alarms/<string:alarm_id>/log", summary="Show an alarm's log", responses={200: LogResponse})
    def get_log(path: AlarmPath, query: LogQuery) -> Response:
        entries = service.alarms.log(alarm_id=path.alarm_id, limit=query.limit, before=query.before)
        return reply(LogResponse(log=[log_entry_response(entry) for entry in entries]))

    return api


def alarm_actions_blueprint(service: AlarmService) -> APIBlueprint:
    """The routes by which people act on alarms."""
    api = APIBlueprint("alarm_deeds", __name__, url_prefix="/api", abp_tags=[Tag(name="alarms")])

    @api.post("/alarms/<string:alarm_id>/acknowledge", summary="Acknowledge an alarm", responses={200: AlarmResponse})
    def acknowledge(path: AlarmPath, body: OptionalCommentRequest) -> Response:
        return _alarm(service.acknowledge(path.alarm_id, current_actor(), comment=body.comment))

    @api.post("/alarms/acknowledge", summary="Acknowledge a machine's open alarms",
              responses={200: AcknowledgedResponse})  # fmt: skip
    def acknowledge_of_device(body: AcknowledgeDeviceRequest) -> Response:
        alarms = service.acknowledge_device(body.device_id, body.alarm, current_actor(), comment=body.comment)
        return reply(AcknowledgedResponse(alarms=[alarm_response(alarm) for alarm in alarms]))

    @api.post("/alarms/<string:alarm_id>/snooze", summary="Snooze an alarm", responses={200: AlarmResponse})
    def snooze(path: AlarmPath, body: SnoozeRequest) -> Response:
        return _alarm(service.snooze(path.alarm_id, current_actor(), minutes=body.minutes, comment=body.comment))

    @api.post("/alarms/<string:alarm_id>/comment", summary="Comment on an alarm", responses={200: AlarmResponse})
    def comment(path: AlarmPath, body: CommentRequest) -> Response:
        return _alarm(service.comment(path.alarm_id, current_actor(), comment=body.comment))

    @api.post("/alarms/<string:alarm_id>/assign", summary="Assign an alarm", responses={200: AlarmResponse})
    def assign(path: AlarmPath, body: AssignRequest) -> Response:
        return _alarm(service.assign(path.alarm_id, current_actor(), assignee=body.assignee, comment=body.comment))

    @api.post("/alarms/<string:alarm_id>/verdict", summary="Give a verdict on an alarm", responses={200: AlarmResponse})
    def judge(path: AlarmPath, query: VerdictQuery, body: AlarmVerdictRequest) -> Response:
        finding = typed_text(body.finding or query.finding)
        if finding is None:
            raise Problem("reason_needed", "State what was found, as `finding` in the body or in the query string.")
        return _alarm(service.judge(path.alarm_id, current_actor(), verdict=body.verdict, finding=finding))

    return api


def _alarm(alarm: Alarm) -> Response:
    return reply(alarm_response(alarm))
