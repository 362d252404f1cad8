"""What it may be expected to cost to stop sooner or later."""

import pytest

from energytrack.contract.costs import StopTerms
from energytrack.messages import StopOption
from energytrack.stopping.choice import Lifetime, options, saving
from energytrack.stopping.worktimes import WorkTimes, always_at_work
from testkit.dates import NOW
from tests.unit.energytrack.stopping.days import a_day

TERMS = StopTerms(failure=1000.0, planned=100.0, planned_hours=1.0, per_hour=60.0)
SOON = Lifetime((0.0, 10.0), (0.0, 1.0))
"""It fails within ten hours, at any time."""


def costs(terms: StopTerms, life: Lifetime, ahead: WorkTimes) -> dict[str, float]:
    return {one.when: one.expected_cost for one in options(terms, life, ahead, NOW)}


def test_a_machine_that_will_fail_is_stopped_at_once_if_nothing_is_gained_by_waiting() -> None:
    choices = options(TERMS, SOON, always_at_work(NOW, 24.0), NOW)
    assert choices == (StopOption("now", 160.0, NOW), StopOption("run_on", 1000.0))
    assert saving(choices) == 840.0


def test_waiting_for_the_break_is_worth_the_risk_of_a_short_time() -> None:
    """The break is in half an hour and lasts an hour: standing costs nothing, the failure before it 5 % of 1,000."""
    choices = costs(TERMS, SOON, a_day(work_until=0.5, break_hours=1.0))
    assert choices == {"now": 130.0, "break": pytest.approx(0.05 * 1000 + 0.95 * 100), "run_on": 1000.0}


def test_a_machine_that_will_hold_runs_on() -> None:
    """Nothing is saved then."""
    choices = options(TERMS, Lifetime((0.0, 168.0), (0.0, 0.02)), always_at_work(NOW, 200.0), NOW)
    assert choices[0] == StopOption("run_on", 20.0)
    assert saving(choices) == 0.0


def test_a_part_that_is_not_there_makes_stopping_now_dear_and_failing_too() -> None:
    """Six hours of waiting cost 360 more; a failure waits for what is left of them."""
    choices = costs(StopTerms(1000.0, 100.0, 1.0, 60.0, part_hours=6.0), SOON, always_at_work(NOW, 24.0))
    assert choices["now"] == 520.0
    assert choices["part"] == pytest.approx(0.6 * (1000 + 60 * 3) + 0.4 * 160)
    assert choices["run_on"] > 1000.0


def test_times_beyond_the_known_life_are_not_compared() -> None:
    """What is not known is not a sum."""
    assert set(costs(TERMS, SOON, a_day(work_until=11.0, break_hours=1.0))) == {"now", "run_on"}


def test_of_times_that_are_the_same_one_is_shown() -> None:
    """The shift ends and nobody follows."""
    ahead = a_day(work_until=2.0)
    assert ahead.shift_end(NOW) == ahead.begins("off", NOW)
    assert set(costs(TERMS, SOON, ahead)) == {"now", "after_work", "run_on"}


def test_of_equal_sums_the_earlier_time_comes_first_and_running_on_last() -> None:
    free = StopTerms(failure=0.0, planned=0.0, planned_hours=1.0, per_hour=0.0)
    assert [one.when for one in options(free, SOON, a_day(work_until=2.0), NOW)] == ["now", "after_work", "run_on"]


def test_the_chance_of_a_failure_rises_along_the_line() -> None:
    life = Lifetime((0.0, 4.0, 8.0), (0.0, 0.1, 0.5))
    assert [life.chance(hours) for hours in (0.0, 2.0, 4.0, 6.0, 8.0, 99.0)] == pytest.approx(
        [0.0, 0.05, 0.1, 0.3, 0.5, 0.5]
    )


@pytest.mark.parametrize(
    ("hours", "chances"),
    [
        ((0.0, 5.0, 4.0), (0.0, 0.1, 0.2)),
        ((0.0, 5.0), (0.0, 1.2)),
        ((1.0, 5.0), (0.0, 1.0)),
        ((0.0,), (0.0,)),
        ((0.0, 5.0), (0.5, 0.1)),
    ],
)
def test_what_is_no_distribution_is_refused(hours: tuple[float, ...], chances: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Lifetime(hours, chances)


def test_without_options_nothing_is_saved_nor_lost() -> None:
    assert saving(()) is None
