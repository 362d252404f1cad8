from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from energytrack.ledger.counting import DayCount, MachineDays, empty_day
from energytrack.ledger.day import Day
from energytrack.ledger.day_prices import DayPrices
from energytrack.messages import Reading
from energytrack.metering.limits import limits_of
from energytrack.metering.step import step
from energytrack.metering.values import Meter
from energytrack.plant import Place, load_plant
from testkit import dates
from testkit.builders.messages import a_reading

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")
PRICES = DayPrices(PLANT)
LIMITS = limits_of(PLANT.types["cnc_machine"])


def empty(day: date) -> Day:
    return empty_day("cnc-0007", day, Place("cnc_machine", "machining-a"), PLANT.zone, PRICES.of(day))


def counted(readings: Iterable[Reading], meter: Meter | None = None) -> dict[date, Day]:
    days = MachineDays(PLANT.zone, lambda day: DayCount(empty(day)))
    for reading in readings:
        taken = step(meter, reading, LIMITS)
        meter = taken.meter
        days.count(taken)
    return {each.date: each.day() for each in days}


def readings(start: datetime, hours: float, *, every: int = 60, watts: float = 8000.0) -> list[Reading]:
    """A machine at some power whose register is exact."""
    count = round(hours * 3600 / every) + 1
    return [
        a_reading(timestamp=start + timedelta(seconds=n * every), energy_kwh=1000.0 + watts * n * every / 3.6e6)
        for n in range(count)
    ]


def test_every_quarter_hour_gets_its_own_energy() -> None:
    days = counted(readings(dates.at_plant("mon", "08:00"), 2.0))
    quarters = list(days[dates.MONDAY].quarters())
    assert [q.kwh for q in quarters[31:41]] == pytest.approx([None, *[2.0] * 8, None])
    assert sum(days[dates.MONDAY].measured_seconds) == 7200.0


@pytest.mark.parametrize(("day", "hours"), [(dates.CLOCKS_FORWARD, 23), (dates.CLOCKS_BACK, 25)])
def test_days_on_which_the_clocks_change_are_counted_whole(day: date, hours: int) -> None:
    days = counted(readings(dates.at_plant(day, "00:00"), 26.0, every=300))
    assert days[day].sums().kwh == pytest.approx(8.0 * hours)
    assert days[day + timedelta(days=1)].sums().kwh == pytest.approx(8.0 * (26 - hours))


def test_a_gap_over_midnight_is_spread_over_both_days() -> None:
    start = dates.at_plant("mon", "20:00")
    both = readings(start, 1.0) + readings(start + timedelta(hours=8), 1.0)
    both = [replace(each, energy_kwh=1000.0 + 8.0 * (each.timestamp - start) / timedelta(hours=1)) for each in both]
    days = counted(both)
    monday, tuesday = days[dates.MONDAY].sums(), days[dates.MONDAY + timedelta(days=1)].sums()
    assert monday.kwh == pytest.approx(32.0)
    assert tuesday.kwh == pytest.approx(40.0)
    assert monday.bridged_seconds == pytest.approx(3 * 3600)
    assert tuesday.bridged_seconds == pytest.approx(4 * 3600)
    prices = [PLANT.price(quarter.start) for quarter in days[dates.MONDAY].quarters()]
    kwh = [quarter.kwh or 0.0 for quarter in days[dates.MONDAY].quarters()]
    each = [(price.per_kwh or 0.0) * used for price, used in zip(prices, kwh, strict=True) if price]
    assert monday.cost == pytest.approx(sum(each))


def test_steps_that_come_again_add_nothing() -> None:
    """A day that was stored at any moment, and readings counted again from an earlier meter, give the same day."""
    all_readings = readings(dates.at_plant("mon", "08:00"), 1.0)
    whole = counted(all_readings)[dates.MONDAY]
    meter: Meter | None = None
    days = MachineDays(PLANT.zone, lambda day: DayCount(empty(day)))
    for n, reading in enumerate(all_readings):
        before = meter
        taken = step(meter, reading, LIMITS)
        meter = taken.meter
        days.count(taken)
        stored = next((each.day() for each in days), empty(dates.MONDAY))
        again = MachineDays(PLANT.zone, lambda _, stored=stored: DayCount(stored))  # type: ignore[misc]
        old = before
        for later in all_readings[n:]:
            repeated = step(old, later, LIMITS)
            old = repeated.meter
            again.count(repeated)
        assert [each.day() for each in again] in ([whole], [])


def test_suspect_energy_is_no_idle_energy_and_keeps_its_reason() -> None:
    start = dates.at_plant("mon", "08:00")
    values = [1000.0, 1000.1, 500000.0, 500000.1, 500000.2]
    found = [
        a_reading(timestamp=start + timedelta(seconds=60 * n), energy_kwh=kwh, state="idle", current=4.0)
        for n, kwh in enumerate(values)
    ]
    day = counted(found)[dates.MONDAY]
    assert day.sums().suspect_kwh == pytest.approx(500000.0 - 1000.1)
    assert day.sums().idle_kwh == day.sums().kwh == pytest.approx(0.3)
    assert day.quarter(32).reasons == ("exchanged_higher",)


def test_a_machine_that_moved_stands_where_it_was_last() -> None:
    count = DayCount(empty(dates.MONDAY))
    count.place = Place("cnc_machine", "machining-b")
    assert count.day().line == "machining-b"


def test_days_that_ended_are_let_go_once_they_are_stored() -> None:
    days = MachineDays(PLANT.zone, lambda day: DayCount(empty(day)))
    meter: Meter | None = None
    for reading in readings(dates.at_plant("mon", "23:00"), 2.0):
        taken = step(meter, reading, LIMITS)
        meter = taken.meter
        days.count(taken)
    assert days.settle(before=dates.at_plant("tue", "01:00").timestamp()) == []
    for each in days:
        each.changed = False
    assert [each.date for each in days.settle(before=dates.at_plant("tue", "01:00").timestamp())] == [dates.MONDAY]
    assert [each.date for each in days] == [dates.MONDAY + timedelta(days=1)]
