"""Which rules are noisy: alarms, pages and verdicts of a week by rule. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from control_api.paging.texts import ENGLISH, Message, words_of
from energytrack.languages.service_sentences import translated
from energytrack.languages.words import Words
from energytrack.store.operations.alarms import LogEntry
from energytrack.store.operations.pages import Page

WEEK: Final = timedelta(days=7)
REPORT_AT: Final = time(7)
"""Mondays, in plant time."""
LINES: Final = 10


class RuleNoise(Struct, frozen=True, kw_only=True):
    """A rule's alarms in a period, and what people did about them."""

    rule: str
    alarms: int
    machines: int
    pages: int
    acknowledged: int
    unattended: int
    """Alarms that ended by themselves before anybody acknowledged, commented or judged."""
    true_alarms: int
    false_alarms: int
    minutes_to_acknowledge: float | None
    """The median; None if nobody acknowledged."""

    def sentence(self, t: Words = ENGLISH) -> str:
        """The same for people."""
        alarms = _alarms(self.alarms, t)
        if self.machines:
            machines = t.count("{number} machine", "{number} machines", self.machines)
            alarms = t("{alarms} on {machines}", alarms=alarms, machines=machines)
        parts = [alarms, _pages(self.pages, t)]
        if self.minutes_to_acknowledge is not None:
            minutes = f"{self.minutes_to_acknowledge:.0f}"
            parts.append(
                t("{number} acknowledged, typically after {minutes} min", number=self.acknowledged, minutes=minutes)
            )
        if self.unattended:
            parts.append(t("{number} ended before anybody looked", number=self.unattended))
        if self.true_alarms or self.false_alarms:
            parts.append(t("{true} true and {false} false by verdict", true=self.true_alarms, false=self.false_alarms))
        return f"{translated(words_of(self.rule), t)}: {'; '.join(parts)}."


def noise(entries: Iterable[LogEntry], pages: Iterable[Page]) -> list[RuleNoise]:
    """The noise of each rule, noisiest first."""
    by_rule: dict[str, list[LogEntry]] = defaultdict(list)
    for entry in entries:
        by_rule[entry.rule].append(entry)
    paged: dict[str, int] = defaultdict(int)
    for page in pages:
        if page.kind == "page" and page.rule is not None:
            paged[page.rule] += 1
    rules = [_of_rule(rule, by_rule.get(rule, []), paged[rule]) for rule in {*by_rule, *paged}]
    return sorted(
        (each for each in rules if each.alarms or each.pages), key=lambda each: (-each.pages, -each.alarms, each.rule)
    )


def _of_rule(rule: str, entries: Sequence[LogEntry], pages: int) -> RuleNoise:
    episodes: dict[tuple[str, int], list[LogEntry]] = defaultdict(list)
    for entry in entries:
        episodes[entry.alarm_id, entry.episode].append(entry)
    opened = [those for those in episodes.values() if any(entry.deed in {"opened", "reopened"} for entry in those)]
    waits = [(entry.at - entry.opened_at).total_seconds() / 60.0 for entry in entries if entry.deed == "acknowledged"]
    verdicts = {key: entry.verdict for key, those in episodes.items() for entry in those if entry.verdict is not None}
    handled = {"acknowledged", "commented", "assigned", "judged", "snoozed"}
    return RuleNoise(
        rule=rule,
        alarms=len(opened),
        machines=len({entry.device_id for those in opened for entry in those if entry.device_id is not None}),
        pages=pages,
        acknowledged=len(waits),
        unattended=sum(
            any(entry.deed == "cleared" for entry in those) and not any(entry.deed in handled for entry in those)
            for those in opened
        ),
        true_alarms=sum(verdict == "true_alarm" for verdict in verdicts.values()),
        false_alarms=sum(verdict == "false_alarm" for verdict in verdicts.values()),
        minutes_to_acknowledge=median(waits) if waits else None,
    )


def report_week(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The week to report on: on Mondays after seven, plant time; None at other times."""
    local = now.astimezone(zone)
    if local.weekday() != 0 or local.time() < REPORT_AT:
        return None
    monday = datetime.combine(local.date(), time(), zone)
    return datetime.combine(local.date() - WEEK, time(), zone), monday


def report(rules: Sequence[RuleNoise], since: datetime, until: datetime, *, link: str, t: Words = ENGLISH) -> Message:
    """The week in words."""
    days = {"first": t.day_of_year(since.date()), "last": t.day_of_year((until - timedelta(days=1)).date())}
    if not rules:
        return Message(t("Alarms from {first} to {last}: none", **days), f"{t('No alarm and no page.')}\n\n{link}")
    alarms, pages = sum(rule.alarms for rule in rules), sum(rule.pages for rule in rules)
    lines = [f"{_alarms(alarms, t)}, {_pages(pages, t)}.", ""]
    lines += [rule.sentence(t) for rule in rules[:LINES]]
    if len(rules) > LINES:
        lines.append(t.count("And {number} rule more.", "And {number} rules more.", len(rules) - LINES))
    return Message(t("Alarms from {first} to {last}", **days), "\n".join([*lines, "", link]))


def _alarms(number: int, t: Words) -> str:
    return t.count("{number} alarm", "{number} alarms", number)


def _pages(number: int, t: Words) -> str:
    return t.count("{number} page", "{number} pages", number)
