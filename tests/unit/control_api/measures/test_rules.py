"""What a measure has come to, in words."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from control_api.measures.rules import Outcome, first_whole_day, sentence, undone
from energytrack.baselines.savings import Saving
from energytrack.baselines.watching import MeasureAdherence
from energytrack.store.operations.schedules import Schedule, ScheduleChange
from testkit import dates
from testkit.builders.baselines import a_measure

ZONE = dates.PLANT_ZONE


def a_saving(**fields: Any) -> Saving:
    given: dict[str, Any] = {
        "first": dates.DAY, "last": dates.DAY, "days": 20, "kwh": 412.3, "half_width_kwh": 38.4, "confidence": 0.9,
        "expected_kwh": 900.0, "actual_kwh": 487.7, "adjusted_kwh": 0.0, "cost": 96.4, "half_width_cost": 9.0,
        "guideline_half_width_kwh": 40.0, "days_out_of_range": 0, "option": "B", "why_not": None,
    }  # fmt: skip
    return Saving(**(given | fields))


def an_outcome(saving: Saving | None = None, **fields: Any) -> Outcome:
    given: dict[str, Any] = {
        "measure": a_measure(), "baseline": "press-0003 out of shift", "version": 1, "saving": saving,
        "kept": MeasureAdherence(20, ()), "undone": None,
    }  # fmt: skip
    return Outcome(**(given | fields))


HEAD = f"press-0003 off after work since {a_measure().start.day} {a_measure().start:%b}:"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (an_outcome(a_saving()), "412 ± 38 kWh, 96 EUR saved"),
        (an_outcome(a_saving(cost=None)), "412 ± 38 kWh saved"),
        (
            an_outcome(a_saving(kwh=12.0, why_not="interval includes zero")),
            "no saving proved, it may be chance (12 ± 38 kWh)",
        ),
        (
            an_outcome(a_saving(half_width_kwh=None, why_not="baseline not valid")),
            "no saving proved, the baseline is not valid (412 kWh)",
        ),
        (an_outcome(a_saving(days=0)), "no saving proved, no day is known yet"),
        (an_outcome(), "no saving proved, no day is over yet"),
        (an_outcome(baseline=None), "no saving proved, it has no baseline from before it began"),
    ],
)
def test_a_measure_is_one_sentence(outcome: Outcome, said: str) -> None:
    """With its interval; what is not proved says why."""
    assert sentence(outcome, "EUR") == f"{HEAD} {said}"


def test_an_ended_measure_says_until_when() -> None:
    measure = a_measure(end=a_measure().start + timedelta(days=9), state="ended")
    assert " to " in sentence(an_outcome(a_saving(), measure=measure), "EUR")


def test_a_measure_holds_until_its_schedule_is_paused_or_the_machine_is_left_on() -> None:
    """Two days on end."""
    assert not an_outcome(a_saving()).is_broken
    assert an_outcome(a_saving(), undone="The schedule is gone.").is_broken
    assert an_outcome(a_saving(), kept=MeasureAdherence(5, (dates.DAY,), run=2)).is_broken
    assert (an_outcome(a_saving()).is_proved, an_outcome().is_proved) == (True, False)


def test_who_undid_a_measure_is_reported() -> None:
    """Until it is ended; then nothing is to be seen after."""
    made = ScheduleChange(dates.NOW, "created", "grafana:maria", "Editor", "")
    schedule = Schedule(
        schedule_id="01S", name="off", action="shutdown", days=("mon",), at="22:15", reason="idle", log=(made,)
    )
    measure = a_measure()
    assert undone(measure, schedule, ZONE) is None
    assert undone(measure, None, ZONE) == "The schedule is gone."
    paused = replace(schedule, state="paused", log=(made, replace(made, deed="paused", by="grafana:paul")))
    assert undone(measure, paused, ZONE) == (f"The schedule is paused since {dates.DAY.day} {dates.DAY:%b}, by paul.")
    assert undone(a_measure(state="ended"), paused, ZONE) is None
    assert undone(a_measure(schedule_id=None), None, ZONE) is None


def test_the_first_whole_day_is_the_one_after_the_first_run() -> None:
    """In plant time."""
    assert first_whole_day(dates.at_plant("mon", "23:30"), dates.NOW, ZONE) == dates.MONDAY + timedelta(days=1)
    assert first_whole_day(None, dates.at_plant("tue", "00:30"), ZONE) == dates.MONDAY + timedelta(days=2)
