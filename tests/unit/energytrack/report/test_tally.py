"""Sums of a month as its days pass by."""

import pytest

from energytrack.contract.emissions import Factors
from energytrack.ledger.emissions import DayFactors
from energytrack.ledger.sums import total
from energytrack.report.tally import DayTally
from testkit.builders.reports import a_month
from testkit.dates import PLANT_ZONE


def test_lines_machines_and_days_add_up_to_the_plant() -> None:
    tally = DayTally(DayFactors(lambda _: Factors(0.4, 0.1), PLANT_ZONE))
    days = list(tally.passing(a_month()))
    plant = total(day.sums() for day in days)
    assert days == a_month()
    for parts in (tally.lines(), tally.machines(), tally.days(lambda _: None)):
        assert total(part.sums for part in parts).cost == pytest.approx(plant.cost)
    assert tally.emissions.location_kg == pytest.approx(0.4 * plant.counted_kwh)
    assert [line.name for line in tally.lines()] == ["machining-a", "press-shop"]
    assert tally.machines()[0].device_id == "cnc-0007"
