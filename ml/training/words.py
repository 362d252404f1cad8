"""Describes the measures of training in sentences, for the people who will get the model's alarms."""

from collections.abc import Sequence
from itertools import groupby
from math import isnan
from typing import Final

from ml.measures.quality import AlarmQuality
from ml.measures.text import percent
from ml.models.card import ChosenByCost
from ml.models.estimators import Kind, kind_name
from ml.training.choice import CandidateTrial
from ml.training.learning import SplitQuality

DAYS_PER_MONTH: Final = 30
OFTEN: Final = 10.0
"""Rate of false alarms per month above which rates are given per day, in both sentences."""


def in_words(report: Sequence[SplitQuality]) -> list[str]:
    """A sentence about unseen days, and one about unseen machines; the model is the first row of each split."""
    models = [next(rows).alarms for _, rows in groupby(report, lambda row: row.split)]
    days, machines = models[:1], models[1:]
    in_days = any(_false_per_month(part) > OFTEN for part in (days, machines))
    sentences = [f"On days that it never saw, the model {_announced(days, in_days=in_days)}."] if days else []
    return [
        *sentences,
        *([f"On machines that it never saw, it {_announced(machines, in_days=in_days)}."] if machines else []),
    ]


def choice_in_words(chosen: Kind, tried: Sequence[CandidateTrial]) -> str:
    """The chosen kind of model, and the PR-AUC of each kind; empty if there was no choice."""
    worth = {
        one.kind: one.worth for one in tried if one.members == tried[-1].members
    }  # the members chosen for the forest
    if len(worth) < 2:
        return ""
    others = ", ".join(f"{kind_name(kind)} {worth[kind]:.2f}" for kind in sorted(worth) if kind != chosen)
    return (
        f"Kind of model: {kind_name(chosen)}. On machines left out of training it reached {worth[chosen]:.2f}, "
        f"{others}; 1.00 would be perfect."
    )


def costs_in_words(chosen: ChosenByCost, threshold: float, currency: str) -> str:
    """The cost of wrong alarms, and whether it changed the threshold."""
    cost = f"False alarms and missed failures would have cost {chosen.cost_per_month:,.2f} {currency}".rstrip()
    block = f"per machine and month on unseen rows with {chosen.failures} failures"
    if threshold <= chosen.threshold_at_budget:
        return f"{cost} {block}; the budget of false alarms alone decides the threshold."
    otherwise = f"{chosen.cost_per_month_at_budget:,.2f} with the threshold that the budget of false alarms allows"
    return f"{cost} {block}, instead of {otherwise} ({percent(chosen.threshold_at_budget)})."


def _false_per_month(alarms: Sequence[AlarmQuality]) -> float:
    """False alarms per machine and month; NaN if nothing was measured."""
    months = sum(each.machine_months for each in alarms)
    return sum(each.false_alarms for each in alarms) / months if months else float("nan")


def _announced(alarms: Sequence[AlarmQuality], *, in_days: bool) -> str:
    events, caught = (sum(getattr(each, name) for each in alarms) for name in ("events", "caught"))
    hours = sorted(hour for each in alarms for hour in each.lead_hours)
    if events == 0:
        phrase = "had no failure to announce"
    else:
        ahead = f", typically {_time(hours[len(hours) // 2])} ahead" if hours else ""
        phrase = f"announced {caught} of {events} failures{ahead}"
    rate = _false_per_month(alarms)
    return phrase if isnan(rate) else f"{phrase}, with {_rate(rate, in_days=in_days)}"


def _time(hours: float) -> str:
    return f"{hours:.0f} h" if hours >= 2 else f"{60 * hours:.0f} min"


def _rate(per_month: float, *, in_days: bool) -> str:
    if in_days:
        return f"{per_month / DAYS_PER_MONTH:.1f} false alarms per machine and day"
    return f"{per_month:.1f} false alarms per machine and month"
