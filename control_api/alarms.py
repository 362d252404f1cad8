"""/api/alerts, which rules call, and /api/alarms, where people act on what they say."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api import alarm_steps
from control_api.actors import Actor, actor
from control_api.alarm_desk import AlarmDesk
from control_api.alarm_shapes import (
    AcknowledgedGiven,
    AlarmGiven,
    AlarmPath,
    AlarmsAsked,
    AlarmsGiven,
    AssignAsked,
    CommentAsked,
    LogAsked,
    LogGiven,
    OfDeviceAsked,
    RemarkAsked,
    SnoozeAsked,
    TakenGiven,
    VerdictAsked,
    alarm_given,
    entry_given,
)
from control_api.alarm_steps import Step
from control_api.problems import Problem
from control_api.replies import reply
from control_api.tables import CSV_GIVEN, MAX_ROWS, table
from control_api.webhooks import AlertsAsked
from energytrack.store.operations.alarms import Alarm, AlarmFilter, LogEntry


def alarms_blueprint(desk: AlarmDesk) -> APIBlueprint:
    """The routes by which rules speak and people read."""
    api = APIBlueprint("alarms", __name__, url_prefix="/api", abp_tags=[Tag(name="alarms")])

    @api.post(
        "/alerts", summary="Take a notification of Grafana's alerting or Alertmanager", responses={200: TakenGiven}
    )
    def take_alerts(body: AlertsAsked) -> Response:
        return reply(TakenGiven(alerts=len(body.alerts), changed=desk.take(body)))

    @api.get("/alarms", summary="List alarms", responses={200: AlarmsGiven})
    def list_alarms(query: AlarmsAsked) -> Response:
        wanted = _wanted(query)
        found = desk.alarms.find(wanted, limit=query.limit, offset=query.offset)
        return reply(
            AlarmsGiven(
                alarms=[alarm_given(alarm) for alarm in found],
                total=desk.alarms.count(wanted),
                limit=query.limit,
                offset=query.offset,
            )
        )

    @api.get("/alarms.csv", summary="Export alarms", responses={200: CSV_GIVEN})
    def export_alarms(query: AlarmsAsked) -> Response:
        return table("alarms", Alarm, desk.alarms.find(_wanted(query), limit=MAX_ROWS, offset=query.offset))

    @api.get("/alarm-log.csv", summary="Export what was done to alarms", responses={200: CSV_GIVEN})
    def export_log(query: LogAsked) -> Response:
        return table("alarm-log", LogEntry, desk.alarms.log(limit=MAX_ROWS, before=query.before))

    @api.get("/alarms/<string:alarm_id>", summary="Show an alarm", responses={200: AlarmGiven})
    def get_alarm(path: AlarmPath) -> Response:
        alarm = desk.alarms.get(path.alarm_id)
        if alarm is None:
            raise Problem("unknown_alarm", f"There is no alarm {path.alarm_id}.")
        return reply(alarm_given(alarm))

    @api.get("/alarms/<string:alarm_id>/log", summary="What was done to an alarm", responses={200: LogGiven})
    def get_log(path: AlarmPath, query: LogAsked) -> Response:
        entries = desk.alarms.log(alarm_id=path.alarm_id, limit=query.limit, before=query.before)
        return reply(LogGiven(log=[entry_given(entry) for entry in entries]))

    return api


def alarm_deeds_blueprint(desk: AlarmDesk) -> APIBlueprint:
    """The routes by which people act on alarms."""
    api = APIBlueprint("alarm_deeds", __name__, url_prefix="/api", abp_tags=[Tag(name="alarms")])

    @api.post("/alarms/<string:alarm_id>/acknowledge", summary="I look after it", responses={200: AlarmGiven})
    def acknowledge(path: AlarmPath, body: RemarkAsked) -> Response:
        return _changed(path, lambda alarm, by, now, new: alarm_steps.acknowledged(
            alarm, by, now=now, text=body.comment, entry_id=new))  # fmt: skip

    @api.post("/alarms/acknowledge", summary="I look after what is open of a machine",
              responses={200: AcknowledgedGiven})  # fmt: skip
    def acknowledge_of_device(body: OfDeviceAsked) -> Response:
        alarms = desk.acknowledge(body.device_id, body.alarm, actor(), body.comment)
        return reply(AcknowledgedGiven(alarms=[alarm_given(alarm) for alarm in alarms]))

    @api.post("/alarms/<string:alarm_id>/snooze", summary="Not now", responses={200: AlarmGiven})
    def snooze(path: AlarmPath, body: SnoozeAsked) -> Response:
        lasts = timedelta(minutes=body.minutes)
        return _changed(path, lambda alarm, by, now, new: alarm_steps.snoozed(
            alarm, by, now=now, until=now + lasts, text=body.comment, entry_id=new))  # fmt: skip

    @api.post("/alarms/<string:alarm_id>/comment", summary="Remark on it", responses={200: AlarmGiven})
    def comment(path: AlarmPath, body: CommentAsked) -> Response:
        return _changed(path, lambda alarm, by, now, new: alarm_steps.commented(
            alarm, by, now=now, text=body.comment, entry_id=new))  # fmt: skip

    @api.post("/alarms/<string:alarm_id>/assign", summary="Give it to somebody", responses={200: AlarmGiven})
    def assign(path: AlarmPath, body: AssignAsked) -> Response:
        return _changed(path, lambda alarm, by, now, new: alarm_steps.assigned(
            alarm, by, now=now, assignee=body.assignee, text=body.comment, entry_id=new))  # fmt: skip

    @api.post("/alarms/<string:alarm_id>/verdict", summary="Say what was behind it", responses={200: AlarmGiven})
    def judge(path: AlarmPath, body: VerdictAsked) -> Response:
        return _changed(path, lambda alarm, by, now, new: alarm_steps.judged(
            alarm, by, now=now, verdict=body.verdict, finding=body.finding, entry_id=new))  # fmt: skip

    def _changed(path: AlarmPath, step: Callable[[Alarm, Actor, datetime, str], Step | None]) -> Response:
        by = actor()
        return reply(
            alarm_given(desk.change(path.alarm_id, lambda alarm: step(alarm, by, desk.clock.now(), desk.new_id())))
        )

    return api


def _wanted(query: AlarmsAsked) -> AlarmFilter:
    return AlarmFilter(
        states=None if query.state is None else tuple(query.state),
        device_id=query.device_id,
        rule=query.rule,
        severity=query.severity,
        assignee=query.assignee,
    )
