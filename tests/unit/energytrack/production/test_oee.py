import pytest

from energytrack.production.oee import NOTHING, Amounts, Kind, together

GOOD = Amounts(
    planned_seconds=28_800.0, running_seconds=21_600.0, counted_seconds=21_600.0, ideal_seconds=18_000.0,
    parts=200.0, parts_seconds=28_800.0, judged_parts=200.0, good_parts=190.0,
)  # fmt: skip


def test_oee_is_availability_times_performance_times_quality() -> None:
    """A shift of 8 h, 6 h of them running, 200 parts at 90 s, 10 of them rejected."""
    assert GOOD.availability == pytest.approx(0.75)
    assert GOOD.performance == pytest.approx(18_000 / 21_600)
    assert GOOD.quality == pytest.approx(0.95)
    assert GOOD.oee == pytest.approx(0.75 * 18_000 / 21_600 * 0.95)
    assert GOOD.known_parts == 200.0


def test_unknown_time_is_in_neither_part_of_a_ratio() -> None:
    known = GOOD + Amounts(planned_seconds=7200.0, unknown_seconds=7200.0)
    assert known.availability == pytest.approx(0.75)
    assert known.coverage == pytest.approx(0.8)


def test_what_is_not_known_is_not_zero() -> None:
    """Too little of the time, no count, no count of rejected parts, no plan: none has an OEE."""
    assert Amounts(planned_seconds=100.0, unknown_seconds=51.0, running_seconds=49.0).availability is None
    assert (NOTHING.availability, NOTHING.performance, NOTHING.quality, NOTHING.oee, NOTHING.coverage) == (None,) * 5
    assert NOTHING.known_parts is None
    unjudged = GOOD + Amounts(judged_parts=-200.0, good_parts=-190.0)
    assert unjudged.quality is None
    assert unjudged.oee is None
    assert unjudged.availability is not None


def test_machines_count_by_their_time_within_their_kind_only() -> None:
    """A machine of an hour does not count as one of a whole shift, and a press is no part of a drill."""
    short = Amounts(
        planned_seconds=3600.0, running_seconds=0.0, counted_seconds=60.0, ideal_seconds=60.0, parts=1.0,
        judged_parts=1.0, good_parts=1.0,
    )  # fmt: skip
    unknown = Amounts(planned_seconds=28_800.0)
    press, drill = Kind("press", "press-shop"), Kind("drill", "press-shop")
    found = together([(press, GOOD), (press, short), (press, unknown), (drill, GOOD)])
    assert found[drill].oee == GOOD.oee
    assert (found[press].machines, found[press].machines_complete) == (3, 2)
    assert found[press].complete.availability == pytest.approx(21_600 / 32_400)
    assert found[press].oee == (GOOD + short).oee
    assert together([(press, unknown)])[press].oee is None
