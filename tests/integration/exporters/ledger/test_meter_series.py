"""Meters that are no machines as series, from a real database."""

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import pytest

from energytrack.clock import ManualClock
from energytrack.ledger.day import Day
from energytrack.ledger.local_days import utc
from energytrack.metering.limits import UsageHistory
from energytrack.metering.values import Meter, MeterRecord
from energytrack.plant import load_plant
from energytrack.store import Store
from exporters.ledger.remote_read import Matcher, Question
from exporters.ledger.series import LedgerSeries
from testkit.builders.ledger import a_day

DAY = a_day()
METER = Meter(DAY.end, None, None, False, DAY.end, MeterRecord(UsageHistory(0.0)))


@pytest.fixture
def series(store: Store) -> LedgerSeries:
    """A main meter that counted 3 kWh in each quarter hour, 2 of them by a machine that is unknown from noon on."""
    known = dict.fromkeys(range(48), 900.0)
    store.meter_ledger.put([a_day("main", measured_kwh=3.0), a_day("air", measured_kwh=7.0)])
    store.ledger.put([a_day("cnc-0001", measured_seconds=known)])
    store.meters.put_counted([("cnc-0001", METER)])
    store.meters.note_since({"cnc-0001": DAY.start})
    return LedgerSeries(store, load_plant(Path("plant.toml")), ManualClock(utc(DAY.end)))


def asked(series: LedgerSeries, name: str, **labels: str) -> dict[str, list[float]]:
    exact = {"__name__": name, "source": "ledger", **labels}
    matchers = tuple(Matcher(0, label, value) for label, value in exact.items())
    question = Question(round(DAY.start * 1000), round(DAY.end * 1000), matchers)
    return {
        f"{each.labels['meter']} {each.labels['unit']}": [value for _, value in each.samples]
        for each in series.answer(question)
    }


def test_each_meter_has_its_unit(series: LedgerSeries) -> None:
    assert asked(series, "energytrack_ledger_day_meter_used") == {"main kWh": [288.0], "air m³": [672.0]}


def test_the_rest_is_absent_where_one_side_is_unknown(series: LedgerSeries) -> None:
    """From noon on, nobody knows what the machine used; compressed air has nothing below it."""
    assert asked(series, "energytrack_ledger_quarter_meter_rest") == {"main kWh": [1.0] * 48}
    assert asked(series, "energytrack_ledger_day_meter_rest") == {"main kWh": [48.0]}
    assert asked(series, "energytrack_ledger_day_meter_compared_ratio") == {"main kWh": [0.5]}
    assert asked(series, "energytrack_ledger_day_meter_rest_base_load") == {"main kWh": [4.0]}


def test_what_a_meter_counted_is_reported_without_reading_its_machines(
    series: LedgerSeries, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are most of the work: 300 machines to each meter."""

    def unwanted(*_: object) -> None:
        raise AssertionError("the ledger of machines was read")

    monkeypatch.setattr(store.ledger, "days", unwanted)
    assert asked(series, "energytrack_ledger_day_meter_used") == {"main kWh": [288.0], "air m³": [672.0]}
    assert asked(series, "energytrack_ledger_day_meter_base_load") == {"main kWh": [12.0], "air m³": [28.0]}
    with pytest.raises(AssertionError):
        asked(series, "energytrack_ledger_day_meter_rest")


def test_a_question_about_one_meter_reads_no_other(
    series: LedgerSeries, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor the machines, where no main meter is asked for."""
    read: set[str] = set()
    days = store.meter_ledger.days

    def noted(names: Collection[str], first: date, last: date) -> Iterator[Day]:
        read.update(names)
        return days(names, first, last)

    monkeypatch.setattr(store.meter_ledger, "days", noted)
    monkeypatch.setattr(store.ledger, "days", lambda *_: pytest.fail("the ledger of machines was read"))
    assert asked(series, "energytrack_ledger_quarter_meter_used", meter="air") == {"air m³": [7.0] * 96}
    assert asked(series, "energytrack_ledger_day_meter_rest", meter="air") == {}
    assert asked(series, "energytrack_ledger_day_meter_rest", meter="none") == {}
    assert read == {"air"}
