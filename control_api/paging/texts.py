"""What pages say. Pure: short enough for a locked phone, with the way to the page where it is acknowledged."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import Struct

from control_api.alarms.cases import Case
from energytrack.errors import span
from energytrack.store.operations.pages import Escalation, Page

REASONS: Final = 3


class Message(Struct, frozen=True):
    """A subject of one line, and a text of several."""

    subject: str
    text: str


def page_text(case: Case, before: Escalation | None, *, origin: str, zone: ZoneInfo, now: datetime) -> Message:
    """About a case: what is wrong, why, what to do, and who has been told before."""
    top = case.alarms[0]
    lines = [f"Since {clock(case.opened_at, zone, now)}, {span((now - case.opened_at).total_seconds())} ago."]
    if case.line is not None:
        lines[0] = f"{lines[0][:-1]}, on line {case.line}."
    if case.factors:
        lines.append(f"Reasons: {'; '.join(case.factors[:REASONS])}.")
    if top.description:
        lines.append(top.description)
    if before is not None and before.told and before.due_at is not None:
        lines.append(f"{_listed(before.told)} did not acknowledge it.")
    lines += ["", f"Acknowledge: {case_link(origin, case.case_id)}"]
    return Message(f"{case.severity.capitalize()}: {summary_of(case)}", "\n".join(lines))


def ended_text(escalation: Escalation, *, zone: ZoneInfo, now: datetime) -> Message:
    """About a case that is over."""
    took = span((now - escalation.opened_at).total_seconds())
    return Message(f"Resolved: {escalation.case_id}", f"Resolved at {clock(now, zone, now)}, after {took}.")


def joined(pages: Sequence[Page]) -> Message:
    """Several pages to one person as one message."""
    if len(pages) == 1:
        return Message(pages[0].subject, pages[0].text)
    parts = [f"{page.subject}\n{page.text}" for page in pages]
    return Message(f"{len(pages)} messages: {pages[0].subject}; {pages[1].subject} …"[:200], "\n\n".join(parts))


def case_link(origin: str, case_id: str) -> str:
    """Where a case is acknowledged; the page asks for sign-in."""
    return f"{origin}/control/alarms?case={quote(case_id, safe='')}"


def summary_of(case: Case) -> str:
    """What is wrong in one sentence; a rule without a summary is called by words."""
    top = case.alarms[0]
    return words_of(top.rule) if top.summary == top.rule else top.summary


def words_of(rule: str) -> str:
    """The name of a rule as words: "Pressure lost" for PressureLost."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", rule.replace("_", " ")).capitalize()


def clock(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A time of the plant, with its day unless that is today."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%-d %B, %H:%M}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
