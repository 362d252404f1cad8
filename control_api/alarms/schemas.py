"""What the API takes and gives of alarms."""

from datetime import datetime

from pydantic import Field

from control_api.http.schemas import DeviceId, PageSize, RequestModel, ResponseModel
from energytrack.store.operations.alarms import Alarm, AlarmState, Deed, LogEntry, Severity, Verdict


class AlarmPath(RequestModel):
    """The alarm in the path."""

    alarm_id: str = Field(pattern=r"^[0-9a-f]{20}$")


class AlarmsQuery(RequestModel):
    """Which alarms, the newest episode first."""

    state: list[AlarmState] | None = Field(None, description="May be given several times")
    device_id: DeviceId | None = None
    rule: str | None = Field(None, max_length=200)
    severity: Severity | None = None
    assignee: str | None = Field(None, max_length=200)
    limit: PageSize = 100
    offset: int = Field(0, ge=0, le=1_000_000)


class OptionalCommentRequest(RequestModel):
    """What somebody has to say, where they want to."""

    comment: str = Field("", max_length=2000)


class AcknowledgeDeviceRequest(OptionalCommentRequest):
    """Whose alarms: those of a machine, or only the one of a rule; a button of a table knows these."""

    device_id: DeviceId
    alarm: str | None = Field(None, min_length=1, max_length=200, description="The rule's name; without it all")


class SnoozeRequest(OptionalCommentRequest):
    """Not now."""

    minutes: int = Field(ge=1, le=7 * 24 * 60)


class CommentRequest(RequestModel):
    """A remark."""

    comment: str = Field(min_length=1, max_length=2000)


class AssignRequest(OptionalCommentRequest):
    """Who is to look after it."""

    assignee: str = Field(min_length=1, max_length=200)


class VerdictRequest(RequestModel):
    """What was behind an alarm; the next model learns from it."""

    verdict: Verdict
    finding: str = Field(min_length=1, max_length=2000, description="What was found at the machine")


class LogQuery(RequestModel):
    """Which part of a log."""

    limit: PageSize = 100
    before: str | None = Field(None, max_length=64)


class AlarmResponse(ResponseModel):
    """What a rule says of a machine, and what people have made of it."""

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
    episode: int = Field(description="How often it has opened")
    notifications: int
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    snoozed_until: datetime | None
    assignee: str | None
    verdict: Verdict | None
    finding: str | None
    judged_by: str | None
    judged_at: datetime | None


class AlarmsResponse(ResponseModel):
    """A page of alarms."""

    alarms: list[AlarmResponse]
    total: int
    limit: int
    offset: int


class AcknowledgedResponse(ResponseModel):
    """The alarms of a machine after somebody has taken them up."""

    alarms: list[AlarmResponse]


class LogEntryResponse(ResponseModel):
    """Something that was done to an alarm."""

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
    """What was done to an alarm, newest first."""

    log: list[LogEntryResponse]


class NotificationResponse(ResponseModel):
    """What a notification changed."""

    alerts: int
    changed: int


def alarm_response(alarm: Alarm) -> AlarmResponse:
    """An alarm as the API gives it."""
    return AlarmResponse.model_validate(alarm, from_attributes=True)


def log_entry_response(entry: LogEntry) -> LogEntryResponse:
    """A log entry as the API gives it."""
    return LogEntryResponse.model_validate(entry, from_attributes=True)
