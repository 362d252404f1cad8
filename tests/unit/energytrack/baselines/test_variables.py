"""Variables from the ledger and from the calendar."""

from datetime import timedelta
from pathlib import Path

from energytrack.baselines.variables import (
    OFF_SHIFT_HOURS,
    OWN_NAMES,
    PARTS,
    SHIFT_HOURS,
    from_calendar,
    from_ledger,
    is_from_calendar,
    is_from_ledger,
)
from energytrack.plant import load_plant
from testkit import dates
from testkit.builders.baselines import a_day_energy

PLANT = load_plant(Path("plant.toml"))
MONDAY, SUNDAY = dates.MONDAY, dates.MONDAY + timedelta(days=6)


def test_a_day_without_parts_is_left_out() -> None:
    """Nobody counted is not none produced."""
    assert from_ledger(PARTS, {MONDAY: a_day_energy(parts=120.0), SUNDAY: a_day_energy()}) == {MONDAY: 120.0}


def test_hours_in_and_out_of_shift_make_up_the_day() -> None:
    """Whatever its length."""
    lines = frozenset({"press-shop"})
    inside = from_calendar(SHIFT_HOURS, PLANT, lines, MONDAY, SUNDAY)
    outside = from_calendar(OFF_SHIFT_HOURS, PLANT, lines, MONDAY, SUNDAY)
    assert {day: inside[day] + outside[day] for day in inside} == dict.fromkeys(inside, 24.0)
    assert inside[MONDAY] > 0.0 == inside[SUNDAY]
    spring = dates.CLOCKS_FORWARD
    assert from_calendar(OFF_SHIFT_HOURS, PLANT, lines, spring, spring) == {spring: 23.0}


def test_lines_that_nobody_knows_have_no_hours() -> None:
    """Absent, not zero."""
    assert from_calendar(SHIFT_HOURS, PLANT, frozenset({"unheard-of"}), MONDAY, MONDAY) == {}


def test_each_own_variable_has_one_source() -> None:
    assert all(is_from_ledger(name) != is_from_calendar(name) for name in OWN_NAMES)
