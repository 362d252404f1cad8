"""What is defended, and what a kilowatt above it costs."""

import pytest

from energytrack.contract.tariff import DemandCharge
from energytrack.peak.worth import BilledPeaks, PeakTarget, defence_of

BY_MONTH = DemandCharge(price_per_kw=10.0, floor_kw=50.0)
BY_YEAR = DemandCharge(price_per_kw=100.0, period="year")


@pytest.mark.parametrize(
    ("demand", "paid", "limit", "is_expected"),
    [
        (BY_MONTH, BilledPeaks(120.0, None, 100.0), 120.0, False),
        (BY_MONTH, BilledPeaks(20.0, None, 100.0), 90.0, True),
        (BY_MONTH, BilledPeaks(None, None, None), 50.0, False),
        (BY_MONTH, BilledPeaks(20.0, None, 40.0), 50.0, False),
        (BY_YEAR, BilledPeaks(120.0, 150.0, 100.0), 150.0, False),
        (BY_YEAR, BilledPeaks(160.0, 150.0, 100.0), 160.0, False),
    ],
)
def test_the_limit_is_what_is_paid_or_expected(
    demand: DemandCharge, paid: BilledPeaks, limit: float, is_expected: bool
) -> None:
    found = defence_of(demand, paid)
    assert found is not None
    assert found.limit_kw == pytest.approx(limit)
    assert found.is_expected is is_expected


def test_without_a_price_of_power_nothing_is_defended() -> None:
    assert defence_of(None, BilledPeaks(100.0, None, None)) is None


def test_a_year_of_which_nothing_is_known_defends_nothing() -> None:
    assert defence_of(BY_YEAR, BilledPeaks(None, None, 100.0)) is None


def test_only_what_is_above_costs() -> None:
    """As in the issue: ends at 412 kW, 31 above, at 9.80 each."""
    defence = PeakTarget(381.0, 9.80, is_expected=False)
    assert (defence.above_kw(412.0), defence.cost(412.0), defence.cost(380.0)) == (31.0, 303.80, 0.0)
