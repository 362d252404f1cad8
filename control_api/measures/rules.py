"""The result of a measure in words; when it begins, and whether it was undone. Pure."""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from energytrack.baselines.savings import Saving
from energytrack.baselines.watching import MeasureAdherence
from energytrack.security.names import name_of
from energytrack.store.energy.measures import Measure
from energytrack.store.operations.schedules import Schedule

SHUTDOWN: Final = "scheduled_shutdown"
"""The recommendation that a schedule answers."""
BASELINE_DAYS: Final = 56
"""Eight weeks before a measure: long enough for weekends, short enough to be like today."""

NOT_PROVED: Final = {
    "too few days": "too few days are known yet",
    "baseline not valid": "the baseline is not valid",
    "interval includes zero": "it may be chance",
    "out of range": "the days are unlike those of the baseline",
}


class Outcome(NamedTuple):
    """The current result of a measure."""

    measure: Measure
    baseline: str | None
    """The name of its baseline; None where there is none."""
    version: int | None
    saving: Saving | None
    """None where there is nothing to compare with."""
    kept: MeasureAdherence | None
    undone: str | None
    """Who took back what the measure did, and when; None where nobody did."""

    @property
    def expected_kwh(self) -> float | None:
        """The expected saving on the days that count, in kWh."""
        expected = self.measure.expected_kwh_per_day
        return None if expected is None or self.saving is None else expected * self.saving.days

    @property
    def is_proved(self) -> bool:
        """Whether a saving is proved."""
        return self.saving is not None and self.saving.is_proved

    @property
    def is_broken(self) -> bool:
        """Whether it is no longer in effect: undone, or the machine is left on."""
        return self.undone is not None or (self.kept is not None and self.kept.is_broken)


def first_whole_day(first_run: datetime | None, now: datetime, zone: ZoneInfo) -> date:
    """The day after a schedule first runs, or tomorrow if that is unknown."""
    return (first_run or now).astimezone(zone).date() + timedelta(days=1)


def undone(measure: Measure, schedule: Schedule | None, zone: ZoneInfo) -> str | None:
    """Why a measure is no longer in effect, in a sentence; None if it is."""
    if measure.schedule_id is None or measure.state != "open":
        return None
    if schedule is None:
        return "The schedule is gone."
    if schedule.state == "active":
        return None
    deed = schedule.log[-1]
    return f"The schedule is {schedule.state} since {_day(deed.at.astimezone(zone).date())}, by {name_of(deed.by)}."


def sentence(outcome: Outcome, currency: str) -> str:
    """`press-0003 off after work since 3 Nov: 412 ± 38 kWh, 96 EUR saved`, or why no saving is proved."""
    measure, saving = outcome.measure, outcome.saving
    when = f"since {_day(measure.start)}" if measure.end is None else f"{_day(measure.start)} to {_day(measure.end)}"
    head = f"{measure.name} {when}:"
    if saving is None:
        why = "it has no baseline from before it began" if outcome.baseline is None else "no day is over yet"
        return f"{head} no saving proved, {why}"
    if saving.days == 0:
        return f"{head} no saving proved, no day is known yet"
    interval = "" if saving.half_width_kwh is None else f" ± {saving.half_width_kwh:,.0f}"
    amount = f"{saving.kwh:,.0f}{interval} kWh"
    if saving.why_not is not None:
        return f"{head} no saving proved, {NOT_PROVED[saving.why_not]} ({amount})"
    money = "" if saving.cost is None else f", {saving.cost:,.0f} {currency}"
    return f"{head} {amount}{money} saved"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
