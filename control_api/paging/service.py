"""Escalates cases to the people on duty; any number of replicas page once, and a restart loses nothing."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, Counter

from control_api.alarms.case_service import CaseService
from control_api.alarms.cases import Case
from control_api.http.problems import Problem
from control_api.paging import noise, texts
from control_api.paging.channels import Channels
from control_api.paging.rules import EscalationStep, due_step
from energytrack.clock import Clock
from energytrack.contract.duty import Duty, Watch
from energytrack.languages.words import Words
from energytrack.store.operations.alarms import Alarms, Severity
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.operations.pages import Escalation, Page, PageKind, Pages

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(minutes=2)
"""Longer than all channels of a person take together."""
QUICK_ATTEMPTS: Final = 3
"""After this many failures the next person is paged, while this one is tried on."""
ATTEMPTS: Final = 30
PAUSES: Final = (timedelta(seconds=5), timedelta(seconds=15), timedelta(minutes=1))
"""Before the next attempt; the last one from then on."""
AT_ONCE: Final = 8
"""People to whom messages are sent at once."""
SHOWN_PAGES: Final = 2000


@dataclass
class PagingService:
    """Pages people; nobody if the plant file has no duty."""

    duty: Duty | None
    channels: Channels
    cases: CaseService
    pages: Pages
    alarms: Alarms
    changes: ChangeCounters
    clock: Clock
    new_id: Callable[[], str]
    origin: str
    """Address of the front door, for links in messages."""
    registry: CollectorRegistry
    t: Words = texts.ENGLISH
    """Of the plant's language."""
    _on_duty: list[Watch] = field(default_factory=list)
    _reported: datetime | None = None

    def __post_init__(self) -> None:
        self._outcomes = Counter(
            "energytrack_control_pages", "Attempts to page somebody, by outcome.", ["outcome"], registry=self.registry
        )
        for outcome in ("sent", "retried", "failed"):
            self._outcomes.labels(outcome)
        people: frozenset[str] = frozenset() if self.duty is None else self.duty.people()
        mute = sorted(who for who in people if not self.channels.kinds(who))
        if mute:
            log.warning("people on the rota have no channel and cannot be paged", who=mute)

    def escalate(self) -> None:
        """File the pages that are due."""
        if self.duty is None:
            return
        now = self.clock.now()
        cases = {case.case_id: case for case in self.cases.all()}
        before = self.pages.escalations()
        changed = False
        for case_id in sorted({*cases, *before}):
            next_step = due_step(before.get(case_id), cases.get(case_id), self.duty, now=now)
            if next_step is not None:
                changed |= self._take(next_step, cases.get(case_id), before.get(case_id), self.duty, now)
        self._report(self.duty, now)
        watches = self.duty.watches(now)
        if changed or watches != self._on_duty:
            self._on_duty = watches
            self.changes.record("alarms")

    def _take(
        self, next_step: EscalationStep, case: Case | None, before: Escalation | None, duty: Duty, now: datetime
    ) -> bool:
        """Store a step's pages and then the step; after a crash in between it is repeated with the same ids."""
        state = next_step.after or before
        if state is None:
            return False
        if next_step.recipients and case is not None:
            message = texts.page_text(case, before, origin=self.origin, zone=duty.zone, now=now, t=self.t)
            page = _page("page", message, now, case_id=case.case_id, rule=case.alarms[0].rule, severity=state.severity)
            self._file(page, next_step.recipients, f"{_episode(state)} {state.rounds}")
        elif next_step.recipients:
            message = texts.ended_text(state, zone=duty.zone, now=now, t=self.t)
            page = _page("ended", message, now, case_id=state.case_id, severity=state.severity)
            self._file(page, next_step.recipients, f"{_episode(state)} ended")
        elif next_step.after is not None and next_step.after.due_at is not None:
            log.warning("nobody is on duty to be paged", case=state.case_id)
        return self.pages.put_escalation(next_step.after, before=before)

    def _file(self, page: Page, people: Sequence[str], key: str) -> None:
        """Store the same page for several people, once for each, also if several replicas do so."""
        self.pages.add([replace(page, page_id=f"{key} {who}", who=who) for who in people])

    def _report(self, duty: Duty, now: datetime) -> None:
        """On Mondays, file last week's report once."""
        week = noise.report_week(now, duty.zone) if duty.rules.report_to else None
        if week is None or week[0] == self._reported:
            return
        since, until = week
        message = noise.report(self.noise(since, until), since, until, link=f"{self.origin}/control/alarms", t=self.t)
        self._file(_page("report", message, now), duty.rules.report_to, f"report {since:%G-W%V}")
        self._reported = since

    def test(self, who: str) -> Page:
        """Store a test page for a person; raises Problem if they have no channel."""
        if not self.channels.kinds(who):
            raise Problem("no_channel", f"{who} has no channel: enter one in ENERGYTRACK_CONTROL_API_CHANNELS.")
        message = texts.trial_text(self.origin, self.t)
        page = replace(_page("test", message, self.clock.now()), page_id=f"test {self.new_id()}", who=who)
        self.pages.add([page])
        return page

    def noise(self, since: datetime, until: datetime) -> list[noise.RuleNoise]:
        """The noise of each rule in [since, until)."""
        return noise.noise(self.alarms.log_between(since, until), self.pages.between(since, until))

    def send(self) -> None:
        """Send the pages that are due: all about machines that wait for a person as one message."""
        claim = self.new_id()
        letters: dict[tuple[str, str | None], list[Page]] = {}
        for page in self.pages.claim(claim, now=self.clock.now(), lease=LEASE):
            letters.setdefault((page.who, None if page.case_id else page.page_id), []).append(page)
        if not letters:
            return
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pager") as pool:
            outcomes = list(
                pool.map(lambda key: self.channels.send(key[0], texts.joined(letters[key], self.t)), letters)
            )
        for ((who, _), pages), (reached, problem) in zip(letters.items(), outcomes, strict=True):
            if problem:
                event = "a channel did not take a page" if reached else "a page was not delivered"
                log.warning(event, who=who, problem=problem)
            for page in pages:
                self._came_of(page, claim, reached=reached, problem=problem)
        self.changes.record("alarms")

    def _came_of(self, page: Page, claim: str, *, reached: bool, problem: str) -> None:
        """Record the outcome; if a person cannot be reached, the next person is paged without waiting."""
        now, attempts = self.clock.now(), page.attempts + 1
        is_hopeless = not self.channels.kinds(page.who) or attempts >= ATTEMPTS
        fields: dict[str, object] = {"attempts": attempts, "problem": problem}
        if reached:
            fields |= {"status": "sent", "sent_at": now}
        elif is_hopeless:
            fields |= {"status": "failed"}
        else:
            fields |= {"due_at": now + PAUSES[min(attempts, len(PAUSES)) - 1]}
        self.pages.done(page.page_id, claim, **fields)
        self._outcomes.labels("sent" if reached else "failed" if is_hopeless else "retried").inc()
        gave_up = not reached and (is_hopeless or attempts == QUICK_ATTEMPTS)
        if gave_up and page.kind == "page" and page.case_id is not None:
            self.pages.hurry(page.case_id, now)


def _episode(state: Escalation) -> str:
    return f"{state.case_id} {state.opened_at:%Y%m%dT%H%M%S.%f}"


def _page(
    kind: PageKind,
    message: texts.Message,
    now: datetime,
    *,
    case_id: str | None = None,
    rule: str | None = None,
    severity: Severity | None = None,
) -> Page:
    """A page without a recipient yet."""
    return Page(
        page_id="",
        kind=kind,
        who="",
        case_id=case_id,
        rule=rule,
        severity=severity,
        subject=message.subject,
        text=message.text,
        created_at=now,
        due_at=now,
    )
