from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from energytrack.messages import Reading
from energytrack.metering.limits import Limits
from energytrack.production.estimating import parts_by_quarter
from testkit import dates
from testkit.builders.messages import a_reading

START = dates.at_plant("mon", "10:00")
LIMITS = Limits(idle_amperes=(1.0, 6.0))
QUARTERS = [START.timestamp() + 900 * n for n in range(4)]


def readings(
    amperes: Callable[[int], float | None], *, first: int = -900, until: int = 3720, state: str | None = None
) -> Iterator[Reading]:
    for second in range(first, until):
        yield a_reading(
            "press-0001", timestamp=START + timedelta(seconds=second), current=amperes(second), state=state, parts=None
        )


def pressing(second: int) -> float:
    """Cycles of 20 seconds: work, then a change of parts."""
    return 14.0 if second % 20 < 12 else 8.0


def parts(given: Iterator[Reading], *, per_cycle: float = 1.0) -> list[float | None]:
    found = parts_by_quarter(given, QUARTERS, LIMITS, cycle_seconds=18.0, parts_per_cycle=per_cycle)
    starts, values = zip(*found, strict=True)
    assert list(starts) == QUARTERS
    return list(values)


def test_cycles_are_parts_by_quarter_hour() -> None:
    """As many as the plant file says for each."""
    assert parts(readings(pressing)) == pytest.approx([45.0] * 4, abs=1.0)
    assert parts(readings(pressing), per_cycle=2.0) == pytest.approx([90.0] * 4, abs=2.0)


def test_a_machine_that_does_not_work_makes_nothing() -> None:
    """By its state, or else by its current."""
    assert parts(readings(lambda _: 3.0)) == [0.0] * 4
    assert parts(readings(pressing, state="idle")) == [0.0] * 4


def test_work_without_cycles_leaves_the_parts_unknown() -> None:
    assert parts(readings(lambda second: 14.0 if second < 1800 else 3.0)) == [None, None, 0.0, 0.0]


def test_a_quarter_hour_whose_current_is_missing_is_unknown() -> None:
    assert parts(readings(lambda second: None if 900 <= second < 1200 else pressing(second)))[1] is None
    assert parts(readings(pressing, until=3400))[3] is None
    assert parts(iter(())) == [None] * 4
