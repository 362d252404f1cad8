from datetime import date, timedelta

import pytest

from control_api.energy.grouping import MachineRoster, Total
from control_api.energy.rules import (
    complaint,
    first_day,
    next_period,
    periods,
    row,
    rows_of_day,
    suspects_of,
    too_long,
    whole_months,
)
from energytrack.ledger.local_days import midnight
from energytrack.ledger.sums import EnergySums
from testkit import dates
from testkit.builders.ledger import DAY, ZONE, a_day

QUARTER = timedelta(minutes=15)
FAR = midnight(DAY + timedelta(days=400), ZONE)
ALWAYS = MachineRoster({}, {}, FAR)


def test_periods_begin_with_months_and_years() -> None:
    day = date(DAY.year, 12, 31)
    assert (first_day(day, "month"), first_day(day, "year")) == (day.replace(day=1), date(DAY.year, 1, 1))
    assert next_period(day.replace(day=1), "month") == next_period(day, "day") == date(DAY.year + 1, 1, 1)
    assert next_period(date(DAY.year, 1, 1), "year") == date(DAY.year + 1, 1, 1)


@pytest.mark.parametrize(("resolution", "count"), [("15min", 100), ("hour", 25), ("day", 1), ("month", 1), ("year", 1)])
def test_a_day_of_25_hours_has_as_many_periods(resolution: str, count: int) -> None:
    assert periods(dates.CLOCKS_BACK, dates.CLOCKS_BACK, resolution, ZONE) == count  # type: ignore[arg-type]


def test_months_are_whole_where_the_question_covers_them() -> None:
    year, today = DAY.year, date(DAY.year, 7, 15)
    assert whole_months(date(year, 1, 1), date(year, 3, 31), today) == (date(year, 1, 1), date(year, 3, 31))
    assert whole_months(date(year, 1, 2), date(year, 3, 30), today) == (
        date(year, 2, 1),
        date(year, 3, 1) - timedelta(days=1),
    )
    assert whole_months(date(year, 6, 1), today, today) == (date(year, 6, 1), today)
    assert whole_months(date(year, 3, 2), date(year, 3, 30), today) is None


def test_what_is_not_known_of_a_period_is_unknown_and_not_zero() -> None:
    total = Total(EnergySums(measured_kwh=1.0, measured_seconds=900.0), 7200.0)
    found = row(0.0, 3600.0, None, total, zone=ZONE)
    assert (found.unknown_seconds, found.coverage) == (6300.0, 0.125)
    nothing = row(0.0, 3600.0, None, Total(EnergySums(unknown_seconds=60.0), 3600.0), zone=ZONE)
    assert (nothing.kwh, nothing.cost, nothing.idle_kwh, nothing.coverage) == (None, None, None, 0.0)


def test_quarter_hours_add_up_to_hours_and_machines_to_lines() -> None:
    days = [a_day("cnc-0001"), a_day("cnc-0002"), a_day("press-0001", line="press-shop", device_type="press")]
    hours = list(rows_of_day(days, "line", "hour", machines=ALWAYS, now=FAR, zone=ZONE))
    assert len(hours) == 48
    assert {(each.name, each.kwh, each.cost) for each in hours} == {
        ("machining-a", 16.0, 4.0),
        ("press-shop", 8.0, 2.0),
    }
    assert [each.kwh for each in rows_of_day(days, "plant", "15min", machines=ALWAYS, now=FAR, zone=ZONE)] == [6.0] * 96


def test_quarter_hours_that_have_not_come_are_left_out() -> None:
    now = midnight(DAY, ZONE) + 3600
    assert len(list(rows_of_day([a_day()], "plant", "15min", machines=ALWAYS, now=now, zone=ZONE))) == 4


def test_suspect_quarter_hours_on_end_are_one_stretch_with_what_to_do() -> None:
    day = a_day(suspect_kwh={4: 1.0, 5: 2.0, 95: 4.0}, reasons={"leap": (4, 5), "gap": (4,)})
    first, last = suspects_of(day)
    assert (first.suspect_kwh, first.end - first.start, first.reasons) == (3.0, 2 * QUARTER, ("leap",))
    assert "Decide whether the energy was used" in first.text
    assert (last.suspect_kwh, last.reasons) == (4.0, ())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, None),
        ({"start": dates.NOW + timedelta(seconds=1)}, "not the beginning of a quarter hour"),
        ({"end": dates.NOW - QUARTER}, "end must be after start"),
        ({"end": dates.NOW + timedelta(days=32)}, "at most 31 days"),
        ({"start": dates.NOW + QUARTER, "end": dates.NOW + 2 * QUARTER}, "have not come yet"),
        ({"decision": "value"}, "kwh is required for the decision value"),
        ({"kwh": 1.0}, "kwh is required for the decision value"),
        ({"decision": "value", "kwh": 1e6}, "more than any machine uses"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_with_a_sentence(
    change: dict[str, object], sentence: str | None
) -> None:
    given = {"start": dates.NOW, "end": dates.NOW + QUARTER, "decision": "accept", "kwh": None} | change
    found = complaint(**given, now=dates.NOW)  # type: ignore[arg-type]
    assert found is None if sentence is None else sentence in (found or "")


def test_an_answer_that_is_too_long_says_what_to_ask_instead() -> None:
    assert too_long(10, 10) is None
    assert "coarser resolution" in (too_long(11, 10) or "")
