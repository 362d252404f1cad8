"""Pictures of a load: where the squares are, and what they say of time that comes twice or never."""

import pytest

from energytrack.languages.words import words_of
from energytrack.report.chapters.pictures import SCALE, UNKNOWN, colour, month_map, year_map
from energytrack.report.content import Carpet
from testkit.builders.ledger import a_day
from testkit.builders.reports import MONTH, a_report
from testkit.dates import CLOCKS_BACK, PLANT_ZONE

T = words_of("en")


def test_power_is_darker_the_higher_it_is() -> None:
    light = [sum(colour(power, 10.0)) for power in range(11)]
    assert light == sorted(light, reverse=True)
    assert (colour(0.0, 10.0), colour(10.0, 10.0), colour(None, 10.0)) == (SCALE[0], SCALE[-1], UNKNOWN)


def test_a_month_is_days_by_quarter_hours() -> None:
    heat = month_map(a_report().load, MONTH, PLANT_ZONE, T)
    assert heat is not None
    assert (heat.width, heat.height, len(heat.pixels)) == (96, MONTH.days, 3 * 96 * MONTH.days)
    assert len(heat.down) == MONTH.days


def test_the_peak_is_marked() -> None:
    """Ten o'clock is the 41st quarter hour of the day."""
    day = MONTH.first.replace(day=15)
    heat = month_map(a_report([a_day(day=day, measured_kwh={40: 9.0})]).load, MONTH, PLANT_ZONE, T)
    assert heat is not None
    assert heat.mark == pytest.approx((40.5 / 96, 14.5 / MONTH.days))


def test_the_hour_that_comes_twice_is_its_mean() -> None:
    """From 2:00 to 3:00 first 8 kW, then none."""
    twice = a_day(day=CLOCKS_BACK, measured_kwh={index: 2.0 for index in range(100) if not 12 <= index < 16})
    heat = month_map(a_report([twice]).load, MONTH, PLANT_ZONE, T)
    assert heat is not None
    row = CLOCKS_BACK.day - 1
    square = 3 * (row * 96 + 9)
    assert heat.pixels[square : square + 3] == colour(4.0, 8.0)


def test_a_year_is_hours_by_days() -> None:
    carpet = Carpet(MONTH.first, ((None,) * 24, (1.0,) * 24))
    heat = year_map(carpet, T)
    assert heat is not None
    assert (heat.width, heat.height) == (2, 24)
    assert heat.pixels[:6] == (*UNKNOWN, *SCALE[-1])


def test_there_is_no_picture_of_nothing() -> None:
    assert month_map(a_report([]).load, MONTH, PLANT_ZONE, T) is None
    assert year_map(Carpet(MONTH.first, ((None,) * 24,)), T) is None
