"""Requests about alarms, and the responses."""

from datetime import datetime

from pydantic import Field

from control_api.http.schemas import DeviceId, PageSize, RequestModel, ResponseModel, TextModel, TypedModel
from energytrack.store.operations.alarms import Alarm, AlarmFilter, AlarmState, Deed, LogEntry, Severity, Verdict


class AlarmPath(TextModel):
    alarm_id: str = Field(pattern=r"^[0-9a-f]{20}$")


class AlarmsQuery(TextModel):
    """Which alarms, the newest episode first."""

    state: list[AlarmState] | None = Field(None, description="May be given several times")
    device_id: DeviceId | None = None
    rule: str | None = Field(None, max_length=200)
    severity: Severity | None = None
    assignee: str | None = Field(None, max_length=200)
    limit: PageSize = 100
    offset: int = Field(0, ge=0, le=1_000_000)

    def filter(self) -> AlarmFilter:
        return AlarmFilter(
            states=None if self.state is None else tuple(self.state),
            device_id=self.device_id,
            rule=self.rule,
            severity=self.severity,
            assignee=self.assignee,
        )


class LogQuery(TextModel):
    limit: PageSize = 100
    before: str | None = Field(None, max_length=64, description="Only entries older than the one with this id")


class OptionalCommentRequest(RequestModel):
    comment: str = Field("", max_length=2000)


class AcknowledgeDeviceRequest(OptionalCommentRequest):
    """All alarms of a machine, or only those of one rule: a dashboard table does not know alarm ids."""

    device_id: DeviceId
    alarm: str | None = Field(
        None, min_length=1, max_length=200, description="The rule's name; without it, all of the machine's alarms"
    )


class SnoozeRequest(OptionalCommentRequest):
    minutes: int = Field(ge=1, le=7 * 24 * 60)


class CommentRequest(RequestModel):
    comment: str = Field(min_length=1, max_length=2000)


class AssignRequest(OptionalCommentRequest):
    assignee: str = Field(min_length=1, max_length=200)


class VerdictRequest(RequestModel):
    """The cause of an alarm; the next model learns from it."""

    verdict: Verdict
    finding: str = Field(min_length=1, max_length=2000, description="What was found at the machine")


class AlarmVerdictRequest(RequestModel):
    """A verdict on one alarm; the finding may be in the query string instead of the body."""

    verdict: Verdict
    finding: str | None = Field(
        None, min_length=1, max_length=2000, description="What was found at the machine; here or in the query string"
    )


class VerdictQuery(TypedModel):
    """The query string of a verdict: Grafana's buttons put the finding here, since they do not escape it in a body."""

    finding: str | None = Field(
        None, min_length=1, max_length=2000, description="What was found, unless it is in the body"
    )


class AlarmResponse(ResponseModel):
    """An alarm: what a rule reported about a machine, and what people did about it."""

    alarm_id: str
    rule: str
    device_id: str | None
    line: str | None
    severity: Severity
    state: AlarmState
    summary: str
    description: str
    factors: list[str]
    links: dict[str, str]
    opened_at: datetime
    updated_at: datetime
    episode: int = Field(description="How many times it has opened")
    notifications: int
    senders: list[str] = Field(description="Senders that currently confirm it: alertmanager, grafana, prometheus")
    cleared_at: datetime | None
    cleared_because: str
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    snoozed_until: datetime | None
    assignee: str | None
    verdict: Verdict | None
    finding: str | None
    judged_by: str | None
    judged_at: datetime | None
    version: int = Field(description="Increases with every change")


class AlarmsResponse(ResponseModel):
    """A page of alarms."""

    alarms: list[AlarmResponse]
    total: int
    limit: int
    offset: int


class AcknowledgedResponse(ResponseModel):
    """The machine's alarms after they were acknowledged."""

    alarms: list[AlarmResponse]


class LogEntryResponse(ResponseModel):
    """One change of an alarm."""

    entry_id: str
    alarm_id: str
    rule: str
    device_id: str | None
    episode: int
    at: datetime
    deed: Deed
    by: str
    role: str
    address: str
    text: str
    verdict: Verdict | None
    assignee: str | None
    until: datetime | None


class LogResponse(ResponseModel):
    """The changes of an alarm, newest first."""

    log: list[LogEntryResponse]


class NotificationResponse(ResponseModel):
    """How many alerts were received, and how many alarms they changed."""

    alerts: int
    changed: int


def alarm_response(alarm: Alarm) -> AlarmResponse:
    fields = {name: getattr(alarm, name) for name in AlarmResponse.model_fields}
    return AlarmResponse.model_validate(fields | {"senders": sorted(alarm.senders), "factors": list(alarm.factors)})


def log_entry_response(entry: LogEntry) -> LogEntryResponse:
    return LogEntryResponse.model_validate(entry, from_attributes=True)
