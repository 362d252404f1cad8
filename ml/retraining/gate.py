"""The gate that a challenger must pass to replace the champion: only what operators would notice counts.

Champion and challengers are measured on the same newest block, which none of them has seen, each with its own
threshold. False alarms come first, because they make people stop paying attention; then failures caught; then lead
time. A challenger must be worse at nothing and better at something. If the plant file has the cost of wrong alarms of
every machine that failed, that cost decides instead of these measures, within the same budget of false alarms.
"""

import math
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from ml.measures.budget import false_alarms_per_month
from ml.measures.quality import MONTH_MS, AlarmQuality
from ml.measures.text import number, percent, rate

WEEKS_PER_MONTH: Final = MONTH_MS / (7 * 86_400_000)

Why = Literal[
    "no_history", "too_few_events", "too_few_examples", "more_false_alarms", "fewer_caught", "later", "no_better",
    "fewer_false_alarms", "more_caught", "earlier", "no_champion", "costs_more", "costs_less",
]  # fmt: skip
AGAINST: Final[tuple[Why, ...]] = (
    "no_history", "too_few_events", "too_few_examples", "more_false_alarms", "fewer_caught", "later", "no_better",
    "costs_more",
)  # fmt: skip
"""Reasons for rejecting a challenger."""
IN_FAVOUR: Final[tuple[Why, ...]] = ("fewer_false_alarms", "more_caught", "earlier", "no_champion", "costs_less")
"""Reasons for accepting it, if none rejects it."""


class GateTerms(Struct, frozen=True):
    """A plant's requirements for a challenger."""

    false_alarms: float
    """False alarms per machine and month that are always acceptable: the plant's budget."""
    least_events: int = 10
    """With fewer failures than this in the block, chance would decide, and the champion stays."""
    margin: float = 0.1
    """Rates and lead times that differ by less than this share count as equal."""
    least_recall: float = 0.5
    """Minimum recall of a plant's first model, because there is no champion to compare it with."""

    def at_horizon(self, horizon_ms: int) -> "GateTerms":
        """The same terms for a model with this horizon; the budget is meant for one that looks a day ahead."""
        return replace(self, false_alarms=false_alarms_per_month(self.false_alarms, horizon_ms=horizon_ms))


class Contender(Struct, frozen=True):
    """A model, and the measures of its alarms on the newest unseen block."""

    name: str
    """Version or kind, as people know it."""
    alarms: AlarmQuality
    cost_per_month: float | None = None
    """The cost of its false alarms and missed failures per machine and month; None if that is not known."""

    @property
    def false_per_week(self) -> float:
        """False alarms per machine and week."""
        return self.alarms.false_per_month / WEEKS_PER_MONTH

    @property
    def warning_hours(self) -> float:
        """Mean lead time over all failures; a missed one counts as 0."""
        return sum(self.alarms.lead_hours) / self.alarms.events if self.alarms.events else 0.0

    def in_words(self) -> str:
        """The measures in words."""
        a = self.alarms
        return (
            f"{a.caught} of {a.events} failures caught, {number(self.warning_hours, 1)} h of warning on average, "
            f"{rate(self.false_per_week)} false alarms per machine and week"
        )


class GateReason(Struct, frozen=True):
    """Why a challenger was accepted or rejected."""

    why: Why
    about: str
    """The challenger's name."""
    text: str
    """In words, with the numbers."""


class Decision(Struct, frozen=True):
    promoted: str | None
    """The challenger that becomes champion; None if the champion stays."""
    events: int
    """Failures in the block."""
    reasons: tuple[GateReason, ...]
    champion: Contender | None
    challengers: tuple[Contender, ...]


def decide(champion: Contender | None, challengers: Sequence[Contender], terms: GateTerms) -> Decision:
    """Accept the best challenger that passes, or none; all were measured on the same block."""
    every = [c for c in (champion, *challengers) if c is not None]
    events = min((c.alarms.events for c in every), default=0)
    if events < terms.least_events:
        reasons = tuple(too_few(events, terms, about=c.name) for c in challengers)
        return Decision(None, events, reasons, champion, tuple(challengers))
    judged = {c.name: _judge(champion, c, terms) for c in challengers}
    passed = [c for c in challengers if all(reason.why in IN_FAVOUR for reason in judged[c.name])]
    best = max(passed, key=_merit, default=None)
    reasons = tuple(reason for c in challengers for reason in judged[c.name])
    return Decision(best.name if best else None, events, reasons, champion, tuple(challengers))


def too_few(events: int, terms: GateTerms, *, about: str) -> GateReason:
    """The reason if there are too few failures to decide."""
    text = f"only {events} failures in the newest block; with fewer than {terms.least_events} the champion stays"
    return GateReason("too_few_events", about, text)


def _merit(contender: Contender) -> tuple[float, float, float, float]:
    """The rank within the limit of false alarms: lower cost, then more failures caught, fewer false alarms, more lead.

    An unknown cost comes after all known ones.
    """
    cost = math.inf if contender.cost_per_month is None else contender.cost_per_month
    return -cost, contender.alarms.caught, -contender.false_per_week, contender.warning_hours


def _judge(champion: Contender | None, challenger: Contender, terms: GateTerms) -> list[GateReason]:
    """Reasons against a challenger, or, if there are none, those in its favour.

    A reason for one is a reason against the other, so two models can never replace each other in turns.
    """
    reasons = _compare(champion, challenger, terms) if champion else _alone(challenger, terms)
    against = [reason for reason in reasons if reason.why in AGAINST]
    return against or reasons


def _alone(challenger: Contender, terms: GateTerms) -> list[GateReason]:
    allowed = terms.false_alarms / WEEKS_PER_MONTH
    reasons = _too_many_false_alarms(challenger, allowed)
    if challenger.alarms.recall < terms.least_recall:
        caught = f"{challenger.alarms.caught} of {challenger.alarms.events} failures caught"
        text = f"{caught}; the first model of a plant must catch {percent(terms.least_recall)}"
        reasons.append(GateReason("fewer_caught", challenger.name, text))
    return reasons or [GateReason("no_champion", challenger.name, f"there is no champion yet: {challenger.in_words()}")]


def _compare(champion: Contender, challenger: Contender, terms: GateTerms) -> list[GateReason]:
    much = 1 + terms.margin
    allowed = max(terms.false_alarms / WEEKS_PER_MONTH, champion.false_per_week * much)
    reasons = _too_many_false_alarms(challenger, allowed)
    cost, cost_before = challenger.cost_per_month, champion.cost_per_month
    if cost is None or cost_before is None:
        reasons += _compare_counts(champion, challenger, much)
    else:
        text = f"wrong alarms cost {cost:,.2f} per machine and month instead of {cost_before:,.2f}"
        reasons += _reason_if("costs_less", cost * much < cost_before, challenger, text)
        reasons += _reason_if("costs_more", cost > cost_before * much, challenger, text)
    return reasons or [
        GateReason("no_better", challenger.name, f"no better than the champion: {challenger.in_words()}")
    ]


def _compare_counts(champion: Contender, challenger: Contender, much: float) -> list[GateReason]:
    false, before = challenger.false_per_week, champion.false_per_week
    text = f"{rate(false)} false alarms per machine and week instead of {rate(before)}"
    reasons = _reason_if("fewer_false_alarms", false * much < before, challenger, text)
    caught, caught_before = challenger.alarms.caught, champion.alarms.caught
    text = f"{caught} of {challenger.alarms.events} failures caught instead of {caught_before}"
    reasons += _reason_if("more_caught", caught > caught_before, challenger, text)
    reasons += _reason_if("fewer_caught", caught < caught_before, challenger, text)
    warning, warning_before = challenger.warning_hours, champion.warning_hours
    text = f"{number(warning, 1)} h of warning before a failure, on average, instead of {number(warning_before, 1)} h"
    reasons += _reason_if("earlier", warning > warning_before * much, challenger, text)
    reasons += _reason_if("later", warning * much < warning_before, challenger, text)
    return reasons


def _too_many_false_alarms(challenger: Contender, allowed: float) -> list[GateReason]:
    text = f"{rate(challenger.false_per_week)} false alarms per machine and week; {rate(allowed)} are allowed"
    return _reason_if("more_false_alarms", challenger.false_per_week > allowed, challenger, text)


def _reason_if(why: Why, holds: bool, challenger: Contender, text: str) -> list[GateReason]:
    return [GateReason(why, challenger.name, text)] if holds else []
