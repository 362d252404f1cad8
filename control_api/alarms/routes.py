"""/api/alerts, which rules call, and /api/alarms, where people act on what they say."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.alarms import rules
from control_api.alarms.rules import AlarmChange
from control_api.alarms.schemas import (
    AcknowledgeDeviceRequest,
    AcknowledgedResponse,
    AlarmPath,
    AlarmResponse,
    AlarmsQuery,
    AlarmsResponse,
    AssignRequest,
    CommentRequest,
    LogQuery,
    LogResponse,
    NotificationResponse,
    OptionalCommentRequest,
    SnoozeRequest,
    VerdictRequest,
    alarm_response,
    log_entry_response,
)
from control_api.alarms.service import AlarmService
from control_api.alarms.webhooks import NotificationRequest
from control_api.auth.current import current_actor as actor
from control_api.auth.identity import Actor
from control_api.http.csv_export import CSV_RESPONSE, MAX_ROWS, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from energytrack.store.operations.alarms import Alarm, AlarmFilter, LogEntry


def alarms_blueprint(desk: AlarmService) -> APIBlueprint:
    """The routes by which rules speak and people read."""
    api = APIBlueprint("alarms", __name__, url_prefix="/api", abp_tags=[Tag(name="alarms")])

    @api.post(
        "/alerts",
        summary="Take a notification of Grafana's alerting or Alertmanager",
        responses={200: NotificationResponse},
    )
    def take_alerts(body: NotificationRequest) -> Response:
        return reply(NotificationResponse(alerts=len(body.alerts), changed=desk.take(body)))

    @api.get("/alarms", summary="List alarms", responses={200: AlarmsResponse})
    def list_alarms(query: AlarmsQuery) -> Response:
        wanted = _wanted(query)
        found = desk.alarms.find(wanted, limit=query.limit, offset=query.offset)
        return reply(
            AlarmsResponse(
                alarms=[alarm_response(alarm) for alarm in found],
                total=desk.alarms.count(wanted),
                limit=query.limit,
                offset=query.offset,
            )
        )

    @api.get("/alarms.csv", summary="Export alarms", responses={200: CSV_RESPONSE})
    def export_alarms(query: AlarmsQuery) -> Response:
        return table("alarms", Alarm, desk.alarms.find(_wanted(query), limit=MAX_ROWS, offset=query.offset))

    @api.get("/alarm-log.csv", summary="Export what was done to alarms", responses={200: CSV_RESPONSE})
    def export_log(query: LogQuery) -> Response:
        return table("alarm-log", LogEntry, desk.alarms.log(limit=MAX_ROWS, before=query.before))

    @api.get("/alarms/<string:alarm_id>", summary="Show an alarm", responses={200: AlarmResponse})
    def get_alarm(path: AlarmPath) -> Response:
        alarm = desk.alarms.get(path.alarm_id)
        if alarm is None:
            raise Problem("unknown_alarm", f"There is no alarm {path.alarm_id}.")
        return reply(alarm_response(alarm))

    @api.get("/alarms/<string:alarm_id>/log", summary="What was done to an alarm", responses={200: LogResponse})
    def get_log(path: AlarmPath, query: LogQuery) -> Response:
        entries = desk.alarms.log(alarm_id=path.alarm_id, limit=query.limit, before=query.before)
        return reply(LogResponse(log=[log_entry_response(entry) for entry in entries]))

    return api


def alarm_actions_blueprint(desk: AlarmService) -> APIBlueprint:
    """The routes by which people act on alarms."""
    api = APIBlueprint("alarm_deeds", __name__, url_prefix="/api", abp_tags=[Tag(name="alarms")])

    @api.post("/alarms/<string:alarm_id>/acknowledge", summary="I look after it", responses={200: AlarmResponse})
    def acknowledge(path: AlarmPath, body: OptionalCommentRequest) -> Response:
        return _changed(path, lambda alarm, by, now, new: rules.acknowledged(
            alarm, by, now=now, text=body.comment, entry_id=new))  # fmt: skip

    @api.post("/alarms/acknowledge", summary="I look after what is open of a machine",
              responses={200: AcknowledgedResponse})  # fmt: skip
    def acknowledge_of_device(body: AcknowledgeDeviceRequest) -> Response:
        alarms = desk.acknowledge(body.device_id, body.alarm, actor(), body.comment)
        return reply(AcknowledgedResponse(alarms=[alarm_response(alarm) for alarm in alarms]))

    @api.post("/alarms/<string:alarm_id>/snooze", summary="Not now", responses={200: AlarmResponse})
    def snooze(path: AlarmPath, body: SnoozeRequest) -> Response:
        lasts = timedelta(minutes=body.minutes)
        return _changed(path, lambda alarm, by, now, new: rules.snoozed(
            alarm, by, now=now, until=now + lasts, text=body.comment, entry_id=new))  # fmt: skip

    @api.post("/alarms/<string:alarm_id>/comment", summary="Remark on it", responses={200: AlarmResponse})
    def comment(path: AlarmPath, body: CommentRequest) -> Response:
        return _changed(path, lambda alarm, by, now, new: rules.commented(
            alarm, by, now=now, text=body.comment, entry_id=new))  # fmt: skip

    @api.post("/alarms/<string:alarm_id>/assign", summary="Give it to somebody", responses={200: AlarmResponse})
    def assign(path: AlarmPath, body: AssignRequest) -> Response:
        return _changed(path, lambda alarm, by, now, new: rules.assigned(
            alarm, by, now=now, assignee=body.assignee, text=body.comment, entry_id=new))  # fmt: skip

    @api.post("/alarms/<string:alarm_id>/verdict", summary="Say what was behind it", responses={200: AlarmResponse})
    def judge(path: AlarmPath, body: VerdictRequest) -> Response:
        return _changed(path, lambda alarm, by, now, new: rules.judged(
            alarm, by, now=now, verdict=body.verdict, finding=body.finding, entry_id=new))  # fmt: skip

    def _changed(path: AlarmPath, step: Callable[[Alarm, Actor, datetime, str], AlarmChange | None]) -> Response:
        by = actor()
        return reply(
            alarm_response(desk.change(path.alarm_id, lambda alarm: step(alarm, by, desk.clock.now(), desk.new_id())))
        )

    return api


def _wanted(query: AlarmsQuery) -> AlarmFilter:
    return AlarmFilter(
        states=None if query.state is None else tuple(query.state),
        device_id=query.device_id,
        rule=query.rule,
        severity=query.severity,
        assignee=query.assignee,
    )
