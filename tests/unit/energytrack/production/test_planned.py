from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.plant import load_plant
from energytrack.production.planned import PlannedTime
from energytrack.production.spans import seconds
from testkit import dates
from testkit.builders.plants import a_plant

PLANT = a_plant()
ONE = timedelta(days=1)


def test_planned_time_is_the_shifts_without_their_breaks() -> None:
    """Early and late, from 6:00 to 22:00, with breaks of 15, 30 and 30 minutes."""
    planned = PlannedTime(PLANT).between("press-shop", dates.MONDAY, dates.MONDAY)
    assert planned is not None
    assert seconds(planned) == (16 - 1.25) * 3600
    assert planned[0] == (dates.at_plant("mon", "06:00").timestamp(), dates.at_plant("mon", "09:00").timestamp())


def test_a_night_shift_runs_past_midnight() -> None:
    planned = PlannedTime(PLANT).between("machining-b", dates.MONDAY, dates.MONDAY + ONE)
    assert planned is not None
    midnight = dates.at_plant("tue", "00:00").timestamp()
    assert any(start < midnight < end for start, end in planned)


def test_nobody_works_on_a_sunday_of_an_unknown_line() -> None:
    assert PlannedTime(PLANT).between("press-shop", dates.MONDAY - ONE, dates.MONDAY - ONE) == ()
    assert PlannedTime(PLANT).between(None, dates.MONDAY, dates.MONDAY) is None
    assert PlannedTime(PLANT).between("gone", dates.MONDAY, dates.MONDAY) is None


@pytest.mark.parametrize("day", [dates.CLOCKS_FORWARD, dates.CLOCKS_BACK])
def test_it_agrees_with_the_calendar_minute_by_minute(day) -> None:  # type: ignore[no-untyped-def]
    """Also when the clocks change."""
    plant = load_plant(Path("plant.toml"))
    found = PlannedTime(plant).between("shipping", day, day) or ()
    start = dates.at_plant(day, "00:00")
    minutes = [start + timedelta(minutes=n) for n in range(23 * 60)]
    assert [any(a <= each.timestamp() < b for a, b in found) for each in minutes] == [
        plant.in_shift("shipping", each) for each in minutes
    ]
