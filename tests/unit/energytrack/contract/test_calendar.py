"""Shifts, over midnight, over the days on which clocks change, on holidays and in shutdowns."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

import pytest

from energytrack.contract.calendar import (
    WEEKDAYS,
    CalendarRules,
    DayWindow,
    ExtraShift,
    PlantCalendar,
    PublicHolidays,
    Shift,
    Shutdown,
    Weekday,
    between,
)
from energytrack.contract.files import public_holidays
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, MONDAY, PLANT_ZONE, at_plant

WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
NIGHT = DayWindow(("sun", "mon", "tue", "wed", "thu"), time(22), time(6))


def on(day: date, clock: str) -> datetime:
    """A local time of the plant."""
    return datetime.combine(day, time.fromisoformat(clock), PLANT_ZONE)


def at(text: str) -> datetime:
    """A local time of the plant: `mon 05:59:59`, or `last sun 22:00:00` for the day before that Monday."""
    *last, day, clock = text.split()
    return at_plant(cast("Weekday", day), clock, weeks=-len(last)).astimezone(PLANT_ZONE)


@pytest.mark.parametrize(
    ("local", "inside"),
    [
        ("mon 05:59:59", False),
        ("mon 06:00:00", True),
        ("mon 13:59:59", True),
        ("mon 14:00:00", False),
        ("sat 10:00:00", False),  # Saturday
    ],
)
def test_a_window_includes_its_start_and_not_its_end(local: str, inside: bool) -> None:
    """Neighbouring windows share no instant."""
    assert DayWindow(WORKDAYS, time(6), time(14)).contains(at(local)) is inside


@pytest.mark.parametrize(
    ("local", "inside"),
    [
        ("last sun 21:59:59", False),
        ("last sun 22:00:00", True),  # Sunday evening begins the week
        ("mon 05:59:59", True),  # Monday morning belongs to Sunday's night
        ("mon 06:00:00", False),
        ("fri 22:30:00", False),  # no shift starts on Friday night
        ("sat 03:00:00", False),  # nor does it reach into Saturday
        ("fri 03:00:00", True),  # Thursday's night does reach into Friday
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_it_began(local: str, inside: bool) -> None:
    """The weekday is that of the start."""
    assert NIGHT.contains(at(local)) is inside


def test_a_window_that_ends_where_it_starts_is_a_whole_day() -> None:
    """From midnight to midnight."""
    saturday = DayWindow(("sat",), time(0), time(0))
    assert saturday.contains(at("sat 00:00:00"))
    assert saturday.contains(at("sat 23:59:59"))
    assert not saturday.contains(at("sun 00:00:00"))


@pytest.mark.parametrize("day", [CLOCKS_FORWARD, CLOCKS_BACK], ids=["forward", "back"])
def test_a_night_shift_lasts_until_its_end_by_the_clock(day: date) -> None:
    """People go home by the clock on the wall, also on the nights that are longer or shorter."""
    night = DayWindow(("sat",), time(22), time(6))
    assert night.contains(on(day, "01:30"))
    assert night.contains(on(day, "05:59"))
    assert not night.contains(on(day, "06:00"))


def test_the_hour_that_comes_twice_is_the_same_twice() -> None:
    """On the day when clocks go back, both passes of half past two are night."""
    night = DayWindow(("sat",), time(22), time(6))
    assert night.contains(on(CLOCKS_BACK, "02:30"))
    assert night.contains(on(CLOCKS_BACK, "02:30").replace(fold=1))


def test_nobody_works_in_a_break() -> None:
    """Breaks are cut out of a shift, past midnight too."""
    shift = Shift("night", NIGHT, ((time(23, 45), time(0, 15)), (time(3), time(3, 30))))
    assert shift.at_work(at("mon 23:44:59"))
    assert not shift.at_work(at("mon 23:45:00"))
    assert not shift.at_work(at("tue 00:14:59"))
    assert shift.at_work(at("tue 00:15:00"))
    assert not shift.at_work(at("tue 03:10:00"))


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


EARLY = Shift("early", DayWindow(WORKDAYS, time(6), time(14)))
CHRISTMAS = date(MONDAY.year, 12, 25)
SEVEN_CHRISTMASES = [CHRISTMAS.replace(year=CHRISTMAS.year + n) for n in range(7)]


def the_calendar(**rules: Any) -> PlantCalendar:
    holidays = public_holidays(PublicHolidays("DE", "BY"))
    return PlantCalendar(CalendarRules(**rules), holidays=holidays)


@pytest.mark.parametrize("day", SEVEN_CHRISTMASES, ids=str)
def test_nobody_works_on_a_public_holiday_whatever_weekday_it_is(day: date) -> None:
    calendar = the_calendar()
    assert calendar.kind(day) == "holiday"
    assert calendar.name(day) is not None
    assert not calendar.at_work(EARLY, "line-a", on(day, "10:00"))


def test_a_shift_that_names_holidays_is_worked_on_them() -> None:
    shift = Shift("emergency", DayWindow(("holiday",), time(8), time(12)))
    assert the_calendar().at_work(shift, "line-a", on(CHRISTMAS, "10:00"))
    assert not the_calendar().at_work(shift, "line-a", on(CHRISTMAS.replace(day=23), "10:00"))


def test_a_night_that_began_before_a_holiday_is_worked_to_its_end() -> None:
    """The night of the 24th belongs to the 24th, the night of the 25th to the holiday."""
    calendar = the_calendar()
    every_night = Shift("night", DayWindow(WEEKDAYS, time(22), time(6)))
    assert calendar.at_work(every_night, "line-a", on(CHRISTMAS, "03:00"))
    assert not calendar.at_work(every_night, "line-a", on(CHRISTMAS, "23:00"))


def test_a_shutdown_closes_its_first_and_its_last_day() -> None:
    week = Shutdown("revision", MONDAY, MONDAY + timedelta(days=4))
    calendar = the_calendar(shutdowns=(week,))
    assert calendar.name(MONDAY) == "revision"
    assert not calendar.at_work(EARLY, "line-a", at("mon 10:00:00"))
    assert not calendar.at_work(EARLY, "line-a", at("fri 10:00:00"))


def test_an_extra_shift_is_worked_on_its_lines_only() -> None:
    saturday = MONDAY + timedelta(days=5)
    calendar = the_calendar(extra_shifts=(ExtraShift(saturday, "early", ("line-a",)),))
    assert calendar.at_work(EARLY, "line-a", at("sat 10:00:00"))
    assert not calendar.at_work(EARLY, "line-b", at("sat 10:00:00"))
    assert not calendar.is_ordinary(saturday)
