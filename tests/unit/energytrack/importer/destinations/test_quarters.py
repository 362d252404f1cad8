"""Energy of intervals by quarter hour and local day."""

from datetime import timedelta

import numpy as np
import pytest

from energytrack.importer.content import Energy, ProducedParts
from energytrack.importer.destinations.quarters import days_of
from testkit.builders.import_files import midnight, starts
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, MONDAY, PLANT_ZONE


def energy(minutes: int, *values: float, first: float) -> Energy:
    start = round(first * 1000) + np.arange(len(values), dtype=np.int64) * minutes * 60_000
    return Energy(start, start + minutes * 60_000, np.array(values))


@pytest.mark.parametrize(("day", "quarters"), [(CLOCKS_FORWARD, 92), (MONDAY, 96), (CLOCKS_BACK, 100)])
def test_a_day_has_the_quarter_hours_that_its_clocks_show(day: object, quarters: int) -> None:
    first = midnight(day).timestamp()  # type: ignore[arg-type]
    (made,) = days_of("m", energy(15, *[0.25] * quarters, first=first), PLANT_ZONE, "b")
    assert (len(made.kwh), made.date, made.start) == (quarters, day, first)
    assert (sum(filter(None, made.kwh)), made.bridged) == (0.25 * quarters, ())


def test_an_hour_is_spread_over_its_quarters() -> None:
    first = midnight(MONDAY) + timedelta(hours=1)
    (made,) = days_of("m", energy(60, 2.0, first=first.timestamp()), PLANT_ZONE, "b")
    assert made.kwh[3:9] == (None, 0.5, 0.5, 0.5, 0.5, None)
    assert made.bridged == (4, 5, 6, 7)


def test_shorter_intervals_are_added_and_a_stretch_across_midnight_is_cut() -> None:
    first = midnight(MONDAY) + timedelta(hours=24, minutes=-7.5)
    one, other = days_of("m", energy(15, 1.0, first=first.timestamp()), PLANT_ZONE, "b")
    assert (one.kwh[-1], other.kwh[0], other.kwh[1]) == (0.5, 0.5, None)
    (made,) = days_of("m", energy(1, *[0.1] * 15, first=midnight(MONDAY).timestamp()), PLANT_ZONE, "b")
    assert made.kwh[0] == pytest.approx(1.5)


def test_what_is_not_known_stays_unknown() -> None:
    first = starts(MONDAY, 1)[0].timestamp()
    (made,) = days_of("m", energy(15, 1.0, np.nan, 0.0, first=first), PLANT_ZONE, "b")
    assert made.kwh[:4] == (1.0, None, 0.0, None)
    assert list(days_of("m", energy(15, np.nan, first=first), PLANT_ZONE, "b")) == []


def test_rejected_parts_of_a_day_whose_parts_are_not_known_are_not_known_either() -> None:
    first = round(midnight(MONDAY).timestamp() * 1000)
    start = first + np.array([0, 86_400_000])
    parts = ProducedParts(start, start + 900_000, np.array([7.0, np.nan]), scrap=np.array([1.0, 2.0]))
    (made,) = days_of("m", None, PLANT_ZONE, "b", parts=parts)
    assert (made.parts[0], made.scrap[0]) == (7.0, 1.0)
