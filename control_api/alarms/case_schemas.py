"""Cases in answers."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from control_api.alarms.cases import Case, CaseState
from control_api.alarms.schemas import AlarmResponse, LogEntryResponse, alarm_response, log_entry_response
from control_api.http.schemas import ResponseModel, TextModel
from energytrack.store.operations.alarms import LogEntry, Severity, Verdict


class CasePath(TextModel):
    case_id: str = Field(
        min_length=1,
        max_length=64,
        description="The machine's id, or an alarm's id if the alarm is not about a machine",
    )


class CaseResponse(ResponseModel):
    """Everything that is wrong with one machine, handled as one case."""

    case_id: str
    device_id: str | None
    line: str | None
    severity: Severity = Field(description="The highest severity among its alarms")
    state: CaseState
    summary: str
    factors: list[str] = Field(description="The model's reasons when it first warned")
    warned_at: datetime | None = Field(description="When a warning of the failure opened; null without one")
    warning: str | None = Field(description="What that warning said")
    failed_at: datetime | None
    opened_at: datetime
    cleared_at: datetime | None = Field(description="Null while an alarm is open")
    age_seconds: float
    assignee: str | None
    acknowledged_by: str | None
    verdict: Verdict | None
    finding: str | None
    alarms: list[AlarmResponse] = Field(description="Open alarms, the most severe first")
    earlier: list[AlarmResponse] = Field(description="Alarms that ended within a day before")
    remarks: list[LogEntryResponse] = Field(description="Comments, newest first")


class CasesQuery(TextModel):
    closed: bool = Field(False, description="Instead, the cases that ended within the last day, the latest first")


class CasesResponse(ResponseModel):
    """All open cases: the most severe first, then the oldest."""

    cases: list[CaseResponse]
    total: int


def case_response(case: Case, *, now: datetime, remarks: Sequence[LogEntry]) -> CaseResponse:
    fields = {name: getattr(case, name) for name in Case.__struct_fields__}
    return CaseResponse(
        **fields
        | {
            "factors": list(case.factors),
            "age_seconds": (now - case.opened_at).total_seconds(),
            "alarms": [alarm_response(alarm) for alarm in case.alarms],
            "earlier": [alarm_response(alarm) for alarm in case.earlier],
            "remarks": [log_entry_response(entry) for entry in remarks],
        }
    )
