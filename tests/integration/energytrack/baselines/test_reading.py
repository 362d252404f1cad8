"""Energy and variables from the store, on a real database: from the ledger, from files, from readings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from energytrack.baselines.reading import Boundary, Observations, day_of
from energytrack.ledger.local_days import midnight, quarter_count, utc
from energytrack.plant import load_plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import Batch, ImportedDay
from testkit import dates
from testkit.builders import a_reading
from testkit.ledger_builders import a_day

PLANT = load_plant(Path("plant.toml"))
DAY = dates.MONDAY - timedelta(days=7)
ONE = timedelta(days=1)


def an_import(store: Store, batch_id: str, at: datetime, *, kwh: float, days: int = 2) -> None:
    store.imports.put(
        Batch(batch_id=batch_id, file="meter.csv", state="stored", by="import:maria", at=at, machines=("press-0001",),
              first=at, last=at, headings="", choices={})
    )  # fmt: skip
    store.imports.put_days(
        [
            ImportedDay(batch_id, "press-0001", DAY + n * ONE, midnight(DAY + n * ONE, PLANT.zone),
                        (kwh,) * quarter_count(DAY + n * ONE, PLANT.zone), bridged=(0, 1))
            for n in range(days)
        ]
    )  # fmt: skip


def test_a_boundary_takes_the_machines_that_stood_there(store: Store) -> None:
    """On each day where it was then."""
    store.ledger.put([a_day("cnc-0001"), a_day("press-0001", device_type="press", line="press-shop")])
    store.ledger.put([a_day("cnc-0001", dates.MONDAY + ONE, line="press-shop")])
    observations = Observations(store, PLANT)

    def kwh(boundary: Boundary) -> list[float]:
        used = observations.used(boundary, dates.MONDAY, dates.MONDAY + ONE)
        return [round(day.kwh) for day in used.days.values()]

    assert kwh(Boundary("all", line="press-shop")) == [192, 192]
    assert kwh(Boundary("all", device_type="press")) == [192]
    assert kwh(Boundary("all", device_id="cnc-0001")) == [192, 192]
    assert kwh(Boundary("all")) == [384, 192]
    lines = observations.used(Boundary("all"), dates.MONDAY, dates.MONDAY).lines
    assert lines == {"machining-a", "press-shop"}


def test_days_that_only_a_file_knows_count_and_the_later_file_wins(store: Store) -> None:
    """What the ledger has counts before any file."""
    an_import(store, "later", dates.NOW, kwh=3.0)
    an_import(store, "earlier", dates.NOW - ONE, kwh=1.0, days=3)
    store.ledger.put([a_day("press-0001", DAY)])
    used = Observations(store, PLANT).used(Boundary("all", device_id="press-0001"), DAY, DAY + 5 * ONE)
    assert [day.kwh for day in used.days.values()] == [192.0, 288.0, 96.0]
    assert all(day.is_known for day in used.days.values())
    assert used.days[DAY + ONE].idle_kwh is None
    assert used.days[DAY + ONE].hours_in_operation is None


def test_a_quarter_hour_that_a_file_does_not_know_is_unknown() -> None:
    """Not zero; and prices are those of the contract."""
    day = day_of(ImportedDay("b", "press-0001", DAY, midnight(DAY, PLANT.zone), (None, 2.0, *(1.0,) * 94)), PLANT)
    sums = day.sums()
    assert (sums.kwh, sums.unknown_seconds, sums.known_seconds) == (96.0, 900.0, 95 * 900.0)
    price = PLANT.price(utc(midnight(DAY, PLANT.zone)))
    assert price is not None
    assert day.price_per_kwh[0] == price.per_kwh


def test_a_signal_of_a_device_is_a_variable(store: Store) -> None:
    """Its mean by local day."""
    noon = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(hours=12)
    store.readings.put(
        [
            a_reading("weather-0001", timestamp=noon + timedelta(minutes=n) + day * ONE, temperature=10.0 + n + 5 * day)
            for n in (0, 1, 2)
            for day in (0, 1)
        ]
    )
    observations = Observations(store, PLANT)
    used = observations.used(Boundary("all"), DAY, DAY + ONE)
    found = observations.series("weather-0001/temperature", used, DAY, DAY + 2 * ONE)
    assert found == {DAY: pytest.approx(11.0), DAY + ONE: pytest.approx(16.0)}
    assert observations.series("unheard_of", used, DAY, DAY) == {}


def test_variables_lie_beside_the_energy(store: Store) -> None:
    """Sent ones, those of the ledger, and those of the calendar."""
    store.ledger.put([a_day("press-0001", line="press-shop", parts=(2,) * 96)])
    store.variables.put("heat", {dates.MONDAY: 7.5}, source="api", by="grafana:maria", at=dates.NOW)
    observations = Observations(store, PLANT)
    used = observations.used(Boundary("off_shift", device_id="press-0001"), dates.MONDAY, dates.MONDAY)
    (row,) = observations.table(used, ["heat", "parts", "off_shift_hours"], dates.MONDAY, dates.MONDAY).rows
    assert row.values[:2] == (7.5, 192.0)
    assert row.kwh == pytest.approx(8.0 * row.values[2])
