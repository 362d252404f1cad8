"""Texts of pages, short enough for a locked phone, with a link to acknowledge. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import Struct

from control_api.alarms.cases import Case
from energytrack.errors import span
from energytrack.languages import words
from energytrack.languages.service_sentences import translated
from energytrack.languages.words import Words
from energytrack.store.operations.pages import Escalation, Page

REASONS: Final = 3
ENGLISH: Final = words.words_of("en")


class Message(Struct, frozen=True):
    """A subject of one line, and a text of several lines."""

    subject: str
    text: str


def page_text(
    case: Case, before: Escalation | None, *, origin: str, zone: ZoneInfo, now: datetime, t: Words = ENGLISH
) -> Message:
    """A case as text: what is wrong, why, what to do, and who was paged before."""
    top = case.alarms[0]
    moment, ago = clock(case.opened_at, zone, now, t), _span(now - case.opened_at, t)
    if case.line is None:
        lines = [t("Since {moment}, {span} ago.", moment=moment, span=ago)]
    else:
        lines = [t("Since {moment}, {span} ago, on line {line}.", moment=moment, span=ago, line=case.line)]
    if case.factors:
        lines.append(
            t("Reasons: {reasons}.", reasons="; ".join(translated(each, t) for each in case.factors[:REASONS]))
        )
    if top.description:
        lines.append(translated(top.description, t))
    if before is not None and before.paged and before.due_at is not None:
        lines.append(t("{names} did not acknowledge it.", names=_listed(before.paged, t)))
    lines += ["", t("Acknowledge: {link}", link=case_link(origin, case.case_id))]
    return Message(f"{_severity(case.severity, t).capitalize()}: {summary_of(case, t)}", "\n".join(lines))


def ended_text(escalation: Escalation, *, zone: ZoneInfo, now: datetime, t: Words = ENGLISH) -> Message:
    """The text about a case that is over."""
    took = _span(now - escalation.opened_at, t)
    return Message(
        t("Resolved: {case}", case=translated(escalation.about or escalation.case_id, t)),
        t("Resolved at {moment}, after {span}.", moment=clock(now, zone, now, t), span=took),
    )


def trial_text(origin: str, t: Words = ENGLISH) -> Message:
    """The text of a test page, which only shows whether a channel works."""
    link = f"{origin}/control/alarms"
    return Message(t("Test page"), t("This is a test: nothing is wrong. Pages lead to {link}", link=link))


def joined(pages: Sequence[Page], t: Words = ENGLISH) -> Message:
    """Several pages to one person as one message."""
    if len(pages) == 1:
        return Message(pages[0].subject, pages[0].text)
    parts = [f"{page.subject}\n{page.text}" for page in pages]
    subjects = {"first": pages[0].subject, "second": pages[1].subject}
    subject = t("{number} messages: {first}; {second} …", number=len(pages), **subjects)
    return Message(subject[:200], "\n\n".join(parts))


def case_link(origin: str, case_id: str) -> str:
    """The link to acknowledge a case; the page asks for sign-in."""
    return f"{origin}/control/alarms?case={quote(case_id, safe='')}"


def summary_of(case: Case, t: Words = ENGLISH) -> str:
    """What is wrong, in one sentence; for a rule without a summary, its name in words."""
    top = case.alarms[0]
    return translated(words_of(top.rule) if top.summary == top.rule else top.summary, t)


def words_of(rule: str) -> str:
    """The name of a rule as words: "Pressure lost" for PressureLost."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", rule.replace("_", " ")).capitalize()


def clock(moment: datetime, zone: ZoneInfo, now: datetime, t: Words = ENGLISH) -> str:
    """A time in the plant's zone, with the day unless it is today."""
    local = moment.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return t.clock(local) if is_today else f"{t.day_of_year(local.date())}, {t.clock(local)}"


def _span(length: timedelta, t: Words) -> str:
    said = span(length.total_seconds())
    return t("{number} d", number=said.removesuffix(" d")) if said.endswith(" d") else said


def _severity(severity: str, t: Words) -> str:
    return {"critical": t("critical"), "warning": t("warning"), "info": t("info")}.get(severity, severity)


def _listed(names: Sequence[str], t: Words) -> str:
    return names[0] if len(names) == 1 else t("{names} and {name}", names=", ".join(names[:-1]), name=names[-1])
