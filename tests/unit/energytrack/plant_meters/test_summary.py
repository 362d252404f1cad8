from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.plant import load_plant
from energytrack.plant_meters.balance import Amounts, MeterDay
from energytrack.plant_meters.summary import emissions_kg, mean_base_load, mean_base_load_of_rest
from testkit.builders.plants import a_plant_file
from testkit.dates import MONDAY

GAS = """
[meters.gas]
medium = "gas"

[[tariff.media_emissions]]
medium = "gas"
unit = "m³"
kg_per_unit = 2.0
valid_from = 2000-01-01
"""


def a_meter_day(used: Amounts, meter_id: str = "gas", below: Amounts | None = None, *, later: int = 0) -> MeterDay:
    return MeterDay(meter_id, MONDAY + timedelta(days=later), 0.0, used, below)


def test_the_base_load_is_the_mean_of_the_nights_that_are_known(tmp_path: Path) -> None:
    plant = load_plant(a_plant_file(tmp_path))
    days = [a_meter_day((n,) * 96, "main", (1.0,) * 96, later=index) for index, n in enumerate((2.0, 4.0))]
    unknown = a_meter_day((None,) * 96, "main", later=2)
    assert mean_base_load([*days, unknown], plant) == 12.0
    assert mean_base_load_of_rest([*days, unknown], plant) == 8.0
    assert mean_base_load([unknown], plant) is None


def test_emissions_of_a_medium_need_a_factor_and_an_amount(tmp_path: Path) -> None:
    plant = load_plant(a_plant_file(tmp_path, ("[meters.main]", GAS + "\n[meters.main]")))
    days = [a_meter_day((1.0,) * 96), a_meter_day((None,) * 96, later=1)]
    assert emissions_kg(days, plant) == pytest.approx(192.0)
    assert emissions_kg(days[1:], plant) is None
    assert emissions_kg([a_meter_day((1.0,) * 96, "main")], plant) is None
