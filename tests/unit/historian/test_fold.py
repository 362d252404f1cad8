"""What the historian makes of each message."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.machines.state import MachineState, WrongClock
from energytrack.messages import Insight, Message, Recommendation
from historian.fold import Deadband, KnownMachine, is_news, with_clock, with_message
from testkit.builders.messages import NOW, a_reading, an_event, an_insight

BAND = Deadband(step=0.02, every_seconds=60)
SECOND = timedelta(seconds=1)


def a_machine() -> KnownMachine:
    return KnownMachine(MachineState("cnc-0007"), arrived=0.0)


def after(machine: KnownMachine, message: Message, *, arrived: float = 0.0) -> KnownMachine:
    return filed(machine, message, arrived=arrived)[0]


def filed(machine: KnownMachine, message: Message, *, arrived: float = 0.0) -> tuple[KnownMachine, bool]:
    """The machine after a message, and whether that is an insight to be stored."""
    return with_message(machine, message, BAND, arrived=arrived, now=NOW)


class TestIsNews:
    def test_the_first_insight_is_news(self) -> None:
        assert is_news(an_insight(), None, BAND)

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, False),
            ({"failure_probability": 0.845}, False),
            ({"failure_probability": 0.85}, True),
            ({"failure_probability": 0.81}, True),
            ({"failure_probability": None}, True),
            ({"prediction": 0}, True),
            ({"model_version": "another"}, True),
            ({"recommendations": (Recommendation("inspect_24h", "Inspect."),)}, True),
            ({"timestamp": NOW + 59 * SECOND}, False),
            ({"timestamp": NOW + 60 * SECOND}, True),
            ({"timestamp": NOW - 60 * SECOND}, True),
        ],
    )
    def test_later_ones_are_news_when_they_differ(self, fields: dict[str, Any], expected: bool) -> None:
        """A step of the probability, another verdict, or a minute since the last; a late one by the same rule."""
        assert is_news(an_insight(**fields), an_insight(), BAND) is expected

    def test_two_unknown_probabilities_are_the_same(self) -> None:
        unknown = an_insight(failure_probability=None, prediction=None)
        assert not is_news(replace(unknown, timestamp=NOW + SECOND), unknown, BAND)

    def test_a_step_of_zero_stores_all(self) -> None:
        assert is_news(an_insight(), an_insight(), Deadband(step=0, every_seconds=60))


def stored(insights: list[Insight]) -> list[Insight]:
    machine, kept = a_machine(), []
    for insight in insights:
        machine, news = filed(machine, insight, arrived=0.0)
        if news:
            kept.append(insight)
    return kept


class TestWithInsight:
    def test_the_stored_curve_is_never_off_by_a_step(self) -> None:
        """Every insight is within a step of the one stored last before it, and a steady machine stores one a minute."""
        walk = [0.5 + 0.3 * ((i * 7919) % 101 / 100 - 0.5) * (i % 900 > 600) for i in range(3600)]
        insights = [
            an_insight(failure_probability=p, prediction=0, timestamp=NOW + i * SECOND) for i, p in enumerate(walk)
        ]
        kept = {insight.timestamp: insight for insight in stored(insights)}
        last = insights[0]
        for insight in insights:
            last = kept.get(insight.timestamp, last)
            assert abs(insight.failure_probability - last.failure_probability) < BAND.step  # type: ignore[operator]
        assert len(stored(insights[:600])) == 10

    def test_a_slow_drift_is_stored(self) -> None:
        """Small moves add up: the step counts from the last stored one, not from the last seen one."""
        drift = [
            an_insight(failure_probability=0.001 * i, prediction=0, timestamp=NOW + SECOND * i / 10) for i in range(101)
        ]
        assert [insight.failure_probability for insight in stored(drift)] == pytest.approx(
            [0, 0.02, 0.04, 0.06, 0.08, 0.1]
        )

    def test_a_repeated_insight_is_stored_once(self) -> None:
        assert stored([an_insight(), an_insight()]) == [an_insight()]

    def test_another_verdict_is_shown_at_once(self) -> None:
        machine, _ = filed(a_machine(), an_insight(), arrived=1.0)
        machine = replace(machine, stale=False, changed=False)
        same, _ = filed(machine, an_insight(timestamp=NOW + SECOND), arrived=2.0)
        other, _ = filed(machine, an_insight(timestamp=NOW + SECOND, prediction=0), arrived=2.0)
        assert (same.stale, same.changed) == (True, False)
        assert (other.stale, other.changed) == (True, True)

    def test_a_late_insight_is_not_shown(self) -> None:
        machine, _ = filed(a_machine(), an_insight(), arrived=1.0)
        machine, news = filed(machine, an_insight(timestamp=NOW - SECOND, prediction=0), arrived=2.0)
        assert news
        assert machine.latest.insight == an_insight()
        assert machine.filed == an_insight()


class TestWithReading:
    def test_the_latest_reading_is_kept(self) -> None:
        """The newest by its own time, not by its arrival; when it arrived is noted all the same."""
        machine = after(a_machine(), a_reading(line="line-a"), arrived=1.0)
        machine = after(machine, a_reading(timestamp=NOW - SECOND, line="line-b"), arrived=2.0)
        assert (machine.latest.reading, machine.latest.line, machine.arrived) == (
            a_reading(line="line-a"),
            "line-a",
            2.0,
        )

    def test_another_state_is_shown_at_once(self) -> None:
        shown = replace(after(a_machine(), a_reading(), arrived=1.0), stale=False, changed=False)
        assert not after(shown, a_reading(timestamp=NOW + SECOND), arrived=2.0).changed
        assert after(shown, a_reading(timestamp=NOW + SECOND, state="failed"), arrived=2.0).changed


class TestWithChange:
    def test_the_latest_change_is_kept(self) -> None:
        machine = after(a_machine(), an_event("state_changed", state="failed"), arrived=1.0)
        machine = after(machine, an_event("state_changed", state="idle", timestamp=NOW - SECOND), arrived=2.0)
        assert (machine.latest.state, machine.changed, machine.arrived) == ("failed", True, 2.0)


def test_a_wrong_clock_is_news_once_and_ends_with_a_right_one() -> None:
    """It is stored at once; while it lasts, it is stored like everything else."""
    machine = after(a_machine(), a_reading(), arrived=1.0)
    machine = replace(machine, stale=False, changed=False)
    ahead = with_clock(machine, WrongClock(NOW + timedelta(seconds=1), 7200.0), 2.0)
    assert (ahead.stale, ahead.changed) == (True, True)
    again = with_clock(replace(ahead, changed=False), WrongClock(NOW + timedelta(seconds=2), 7200.0), 3.0)
    assert (again.stale, again.changed) == (True, False)
