"""Responses about people on duty, pages and noise."""

from datetime import datetime

from pydantic import Field

from control_api.http.schemas import PageSize, RequestModel, ResponseModel, TextModel
from control_api.paging.noise import RuleNoise
from energytrack.contract.duty import Watch
from energytrack.store.operations.alarms import Severity
from energytrack.store.operations.pages import Page, PageKind, PageStatus


class WatchResponse(ResponseModel):
    """A person on duty."""

    who: str
    lines: list[str] = Field(description="Empty means for the plant")
    until: datetime
    channels: list[str] = Field(description="Kinds of channels, such as ntfys; empty means they cannot be paged")


class PageResponse(ResponseModel):
    """One message to one person."""

    page_id: str
    kind: PageKind
    who: str
    case_id: str | None
    rule: str | None
    severity: Severity | None
    subject: str
    text: str
    created_at: datetime
    status: PageStatus
    attempts: int
    sent_at: datetime | None
    problem: str


class PagedPersonResponse(ResponseModel):
    """A person who was paged about a case."""

    who: str
    at: datetime
    status: PageStatus
    problem: str


class EscalationResponse(ResponseModel):
    """Who was paged about an open case, and when the next step is due."""

    case_id: str
    due_at: datetime | None = Field(description="When the next are paged; null while somebody takes care of it")
    paged: list[PagedPersonResponse] = Field(description="The latest first")


class DutyResponse(ResponseModel):
    """Who is on duty, whom a page goes to next, and how far each case has been escalated."""

    configured: bool = Field(description="Whether the plant file has a [duty]")
    on_duty: list[WatchResponse]
    escalate_to: list[str]
    escalate_minutes: float | None
    unreachable: list[str] = Field(description="People on duty, or paged next, without a channel")
    escalations: list[EscalationResponse]


class PagesQuery(TextModel):
    limit: PageSize = 100


class PagesResponse(ResponseModel):
    """Pages, the newest first."""

    pages: list[PageResponse]


class TestPageRequest(RequestModel):
    __test__ = False

    who: str = Field(min_length=1, max_length=64, description="Whose channels are tried")


class NoiseQuery(TextModel):
    days: int = Field(7, ge=1, le=366, description="The last days")


class RuleNoiseResponse(ResponseModel):
    """A rule's alarms in a period, and what people did about them."""

    rule: str
    alarms: int
    machines: int
    pages: int
    acknowledged: int
    unattended: int = Field(description="Alarms that ended before anybody did anything about them")
    true_alarms: int
    false_alarms: int
    minutes_to_acknowledge: float | None = Field(description="The median; null if nobody acknowledged")
    sentence: str


class NoiseResponse(ResponseModel):
    """Alarms and pages by rule, the noisiest first."""

    since: datetime
    until: datetime
    rules: list[RuleNoiseResponse]


def watch_response(watch: Watch, channels: list[str]) -> WatchResponse:
    return WatchResponse(who=watch.who, lines=list(watch.lines), until=watch.until, channels=channels)


def page_response(page: Page) -> PageResponse:
    return PageResponse.model_validate(page, from_attributes=True)


def noise_response(rule: RuleNoise) -> RuleNoiseResponse:
    fields = {name: getattr(rule, name) for name in RuleNoise.__struct_fields__}
    return RuleNoiseResponse(**fields, sentence=rule.sentence())
