"""The plant file as series."""

from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.plant import Plant, load_plant
from exporters.metrics.plant import PlantCollector
from testkit.builders.messages import NOW
from testkit.dates import at_plant
from testkit.exporters.devices import PLANT


def value(now: datetime, name: str, plant: Plant = PLANT, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(PlantCollector(plant, ManualClock(now)))
    return registry.get_sample_value(f"energytrack_{name}", labels)


def test_the_plant_file_shows_as_it_holds_now() -> None:
    """A Monday at eleven: the peak band, in the early shift. A Sunday at two: neither."""
    monday, sunday = at_plant("mon", "11:00"), at_plant("sun", "02:00")
    assert value(monday, "tariff_price_per_kwh", band="peak", currency="EUR") == 0.31
    assert value(monday, "tariff_band_active", band="peak") == 1
    assert value(monday, "tariff_band_active", band="night") == 0
    assert value(monday, "line_in_shift", line="machining-a") == 1
    assert value(sunday, "tariff_band_active", band="night") == 1
    assert value(sunday, "line_in_shift", line="machining-a") == 0


def test_limits_and_ratings_are_in_base_units() -> None:
    assert value(NOW, "type_temperature_limit_celsius", device_type="cnc_machine") == 85
    assert value(NOW, "type_pressure_minimum_pascals", device_type="cnc_machine") == pytest.approx(430_000)
    assert value(NOW, "type_rated_power_watts", device_type="cnc_machine") == pytest.approx(14_134, abs=1)
    assert value(NOW, "plant_devices", line="machining-a", device_type="cnc_machine") == 40


def test_a_budget_is_there_if_the_plant_file_has_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[4] / "plant.toml").read_text(encoding="utf-8")
    file = tmp_path / "plant.toml"
    file.write_text(
        text.replace('currency = "EUR"', 'currency = "EUR"\nbudget_per_month = 40_000.0', 1), encoding="utf-8"
    )
    assert value(NOW, "budget_cost_per_month", currency="EUR") is None
    assert value(NOW, "budget_cost_per_month", load_plant(file), currency="EUR") == 40_000
