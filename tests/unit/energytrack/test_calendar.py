"""Shifts and tariff bands, over midnight and over the days on which clocks change."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from energytrack.calendar import Band, Shift, Tariff, Weekday, Window, between

BERLIN = ZoneInfo("Europe/Berlin")
WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
NIGHT = Window(("sun", "mon", "tue", "wed", "thu"), time(22), time(6))


def at(text: str) -> datetime:
    """A local time of Berlin; 23 November 2026 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("local", "inside"),
    [
        ("2026-11-23T05:59:59", False),
        ("2026-11-23T06:00:00", True),
        ("2026-11-23T13:59:59", True),
        ("2026-11-23T14:00:00", False),
        ("2026-11-28T10:00:00", False),  # Saturday
    ],
)
def test_a_window_includes_its_start_and_not_its_end(local: str, inside: bool) -> None:
    """Neighbouring windows share no instant."""
    assert Window(WORKDAYS, time(6), time(14)).contains(at(local)) is inside


@pytest.mark.parametrize(
    ("local", "inside"),
    [
        ("2026-11-22T21:59:59", False),
        ("2026-11-22T22:00:00", True),  # Sunday evening begins the week
        ("2026-11-23T05:59:59", True),  # Monday morning belongs to Sunday's night
        ("2026-11-23T06:00:00", False),
        ("2026-11-27T22:30:00", False),  # no shift starts on Friday night
        ("2026-11-28T03:00:00", False),  # nor does it reach into Saturday
        ("2026-11-27T03:00:00", True),  # Thursday's night does reach into Friday
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_it_began(local: str, inside: bool) -> None:
    """The weekday is that of the start."""
    assert NIGHT.contains(at(local)) is inside


def test_a_window_that_ends_where_it_starts_is_a_whole_day() -> None:
    """From midnight to midnight."""
    saturday = Window(("sat",), time(0), time(0))
    assert saturday.contains(at("2026-11-28T00:00:00"))
    assert saturday.contains(at("2026-11-28T23:59:59"))
    assert not saturday.contains(at("2026-11-29T00:00:00"))


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])  # clocks go forward, and back
def test_a_night_shift_lasts_until_its_end_by_the_clock(day: str) -> None:
    """People go home by the clock on the wall, also on the nights that are longer or shorter."""
    night = Window(("sat",), time(22), time(6))
    assert night.contains(at(f"{day}T01:30:00"))
    assert night.contains(at(f"{day}T05:59:00"))
    assert not night.contains(at(f"{day}T06:00:00"))


def test_the_hour_that_comes_twice_is_the_same_twice() -> None:
    """On the day when clocks go back, both passes of half past two are night."""
    night = Window(("sat",), time(22), time(6))
    assert night.contains(at("2026-10-25T02:30:00"))
    assert night.contains(at("2026-10-25T02:30:00").replace(fold=1))


def test_nobody_works_in_a_break() -> None:
    """Breaks are cut out of a shift, past midnight too."""
    shift = Shift("night", NIGHT, ((time(23, 45), time(0, 15)), (time(3), time(3, 30))))
    assert shift.at_work(at("2026-11-23T23:44:59"))
    assert not shift.at_work(at("2026-11-23T23:45:00"))
    assert not shift.at_work(at("2026-11-24T00:14:59"))
    assert shift.at_work(at("2026-11-24T00:15:00"))
    assert not shift.at_work(at("2026-11-24T03:10:00"))


def test_the_first_band_that_contains_a_time_holds() -> None:
    """Bands may overlap; the last one holds at all other times."""
    tariff = Tariff(
        "EUR",
        (
            Band("peak", 0.31, (Window(WORKDAYS, time(17), time(20)),)),
            Band("night", 0.17, (Window(("mon",), time(19), time(6)),)),
            Band("standard", 0.24),
        ),
    )
    names = {hour: tariff.band(at(f"2026-11-23T{hour:02}:30:00")).name for hour in (10, 17, 19, 20, 23)}
    assert names == {10: "standard", 17: "peak", 19: "peak", 20: "night", 23: "night"}


@pytest.mark.parametrize(
    ("start", "clock", "end", "inside"),
    [
        (time(6), time(6), time(14), True),
        (time(6), time(14), time(14), False),
        (time(22), time(23), time(6), True),
        (time(22), time(6), time(6), False),
        (time(22), time(12), time(6), False),
    ],
)
def test_between(start: time, clock: time, end: time, inside: bool) -> None:
    """A stretch of the day may run past midnight."""
    assert between(start, clock, end) is inside
