"""What a day emitted, by both methods; unknown is not zero."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from energytrack.contract.emissions import Factors
from energytrack.ledger.emissions import NO_EMISSIONS, DayFactors, all_emissions, emissions_of
from testkit.builders.ledger import ZONE, a_day


def test_energy_times_its_factor_quarter_hour_by_quarter_hour() -> None:
    day = a_day(measured_kwh=0.0, estimated_kwh={0: 1.0, 1: 2.0}, suspect_kwh=5.0)
    factors = [Factors(0.5, 0.1), Factors(0.25, None), *[Factors()] * (len(day) - 2)]
    found = emissions_of(day, factors)
    assert [found.location_kg, found.market_kg] == pytest.approx([1.0, 0.1])
    assert (found.location_unknown_kwh, found.market_unknown_kwh, found.kwh) == (0.0, 2.0, 3.0)


def test_without_any_factor_nothing_is_known() -> None:
    day = a_day()
    found = emissions_of(day, [Factors()] * len(day))
    assert (found.known_location_kg, found.known_market_kg) == (None, None)
    assert NO_EMISSIONS.known_location_kg == 0.0


def test_sums_of_parts_are_the_whole() -> None:
    day = a_day()
    factors = [Factors(0.4, 0.1)] * len(day)
    parts = [emissions_of(day, factors, first, first + 4) for first in range(0, len(day), 4)]
    assert all_emissions(parts).location_kg == pytest.approx(emissions_of(day, factors).location_kg)


@dataclass
class _CountedFactors:
    asked: int = 0

    def __call__(self, at: datetime) -> Factors:
        self.asked += 1
        return Factors(0.4)


def test_factors_are_looked_up_once_for_all_machines() -> None:
    source = _CountedFactors()
    factors = DayFactors(source, ZONE)
    factors.of(a_day("cnc-0001"))
    factors.of(a_day("cnc-0002"))
    assert source.asked == len(a_day())
