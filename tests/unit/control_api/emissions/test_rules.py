"""Emissions by hour, day and month, by machine and plant, and per part."""

import pytest

from control_api.emissions.rules import Resolution, rows
from control_api.energy.grouping import Grouping
from energytrack.contract.emissions import Factors
from energytrack.ledger.emissions import DayFactors
from testkit.builders.ledger import DAY, a_day
from testkit.dates import PLANT_ZONE

FACTORS = DayFactors(lambda _: Factors(0.5, None), PLANT_ZONE)
DAYS = [a_day("a", measured_kwh={0: 1.0, 4: 2.0}, parts=(3, *[None] * 95)), a_day("b", measured_kwh={0: 5.0})]


def grouped(by: Grouping, resolution: Resolution) -> list[tuple[str | None, float, float | None]]:
    return [(row.name, row.kwh, row.location_kg) for row in rows(DAYS, by, resolution, FACTORS, PLANT_ZONE)]


def test_by_machine_and_by_plant() -> None:
    assert grouped("machine", "day") == [("a", 3.0, 1.5), ("b", 5.0, 2.5)]
    assert grouped("plant", "month") == [(None, 8.0, 4.0)]


def test_by_hour_and_hours_without_energy_are_left_out() -> None:
    found = list(rows(DAYS, "plant", "hour", FACTORS, PLANT_ZONE))
    assert [(row.start.hour, row.kwh) for row in found] == [(0, 6.0), (1, 2.0)]
    assert found[0].start.date() == DAY


def test_a_factor_that_is_not_known_is_not_zero() -> None:
    (row,) = rows(DAYS, "plant", "day", FACTORS, PLANT_ZONE)
    assert (row.market_kg, row.market_unknown_kwh) == (None, 8.0)


def test_per_part_where_parts_are_counted() -> None:
    """What was used without a count, by this machine or another, is not divided by the parts that were counted."""
    first, second = rows(DAYS, "machine", "day", FACTORS, PLANT_ZONE)
    (plant,) = rows(DAYS, "plant", "day", FACTORS, PLANT_ZONE)
    assert (first.parts, plant.parts) == (3, 3)
    assert first.location_kg_per_part == plant.location_kg_per_part == pytest.approx(0.5 / 3)
    assert first.market_kg_per_part is None
    assert (second.parts, second.location_kg_per_part) == (None, None)
