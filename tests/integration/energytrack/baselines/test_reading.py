"""Energy and variables from the store, on a real database: from the ledger, from files, from readings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from energytrack.baselines.reading import Boundary, Observations
from energytrack.plant import load_plant
from energytrack.store import Store
from testkit import dates
from testkit.builders.ledger import a_day
from testkit.builders.messages import a_reading

PLANT = load_plant(Path("plant.toml"))
DAY = dates.MONDAY - timedelta(days=7)
ONE = timedelta(days=1)


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
