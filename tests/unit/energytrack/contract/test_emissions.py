"""Emission factors by the day from which each holds."""

from datetime import timedelta

from energytrack.contract.emissions import EmissionFactor, Factors, factors_of
from energytrack.contract.tariff import Band, MarketPrice, Tariff, factors_at
from testkit.dates import DAY, MIDNIGHT

LATER = DAY + timedelta(days=30)
DATED = (EmissionFactor(LATER, location_kg_per_kwh=0.3), EmissionFactor(DAY, 0.4, 0.05))


def test_before_the_first_nothing_is_known() -> None:
    assert factors_of(DATED, DAY - timedelta(days=1)) == Factors(None, None)


def test_each_holds_until_the_next_one() -> None:
    assert factors_of(DATED, DAY) == Factors(0.4, 0.05)
    assert factors_of(DATED, LATER) == Factors(0.3, 0.05)


def test_the_hour_comes_before_the_year() -> None:
    tariff = Tariff("EUR", bands=(Band("all day", 0.2),), emissions=DATED)
    assert factors_at(tariff, DAY, MarketPrice(MIDNIGHT, 0.1, location_kg_per_kwh=0.2)) == Factors(0.2, 0.05)
    assert factors_at(tariff, DAY, None) == Factors(0.4, 0.05)
