"""What machines used by day, in all hours and out of shift."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from energytrack.baselines.energy import OffShift, all_hours, by_day
from energytrack.plant import load_plant
from testkit import dates
from testkit.builders.ledger import DAY, a_day

PLANT = load_plant(Path("plant.toml"))
ONE = timedelta(days=1)


def test_days_of_machines_add_up() -> None:
    """Energy, idle energy, hours of operation; a quarter hour that is half idle is not one of work."""
    idle = dict.fromkeys(range(48), 2.0)
    found = by_day([a_day(), a_day("cnc-0008", idle_kwh=idle)], all_hours)[DAY]
    assert (found.kwh, found.hours, found.known_ratio, found.price_per_kwh) == (384.0, 48.0, 1.0, 0.25)
    assert (found.idle_kwh, found.hours_in_operation) == (144.0, 24.0 + 12.0)


def test_a_machine_without_a_day_makes_it_less_known() -> None:
    """Unknown is not zero: the day does not count."""
    found = by_day([a_day(), a_day("cnc-0008"), a_day(day=DAY + ONE)], all_hours)
    assert (found[DAY].is_known, found[DAY + ONE].known_ratio, found[DAY + ONE].is_known) == (True, 0.5, False)


def test_a_gap_makes_a_day_less_known() -> None:
    """Up to a twentieth of it may be unknown."""
    known = dict.fromkeys(range(92), 900.0)
    assert by_day([a_day(measured_seconds=known)], all_hours)[DAY].is_known
    assert not by_day([a_day(measured_seconds={0: 900.0})], all_hours)[DAY].is_known


@pytest.mark.parametrize(("line", "worked"), [("press-shop", True), ("unheard-of", False)])
def test_out_of_shift_is_what_the_calendar_says(line: str, worked: bool) -> None:
    """A line that the plant file does not know has nobody at work."""
    mask = OffShift(PLANT)
    monday, sunday = a_day(line=line), a_day(day=DAY + 6 * ONE, line=line)
    found = by_day([monday, sunday], mask)
    assert (found[DAY].hours < 24.0) == worked
    assert found[DAY + 6 * ONE].hours == 24.0
    assert found[DAY].kwh == pytest.approx(8.0 * found[DAY].hours)
    assert found[DAY].known_ratio == 1.0


def test_an_unknown_price_leaves_the_day_without_one() -> None:
    """Unknown is not free."""
    half = replace(a_day(), price_per_kwh=(0.25,) * 95 + (None,))
    assert by_day([half], all_hours)[DAY].price_per_kwh is None


def test_parts_are_known_where_every_machine_counts_them() -> None:
    """One that does not makes the sum unknown."""
    counts = a_day(parts=(3,) * 96)
    assert by_day([counts], all_hours)[DAY].parts == 288.0
    assert by_day([counts, a_day("cnc-0008")], all_hours)[DAY].parts is None


def test_a_day_of_the_clock_change_has_its_own_length() -> None:
    """23 hours in spring, 25 in autumn."""
    days = [a_day(day=dates.CLOCKS_FORWARD), a_day(day=dates.CLOCKS_BACK)]
    assert [each.hours for each in by_day(days, all_hours).values()] == [23.0, 25.0]
