"""The cost of one more kilowatt in a quarter hour, by the contract's price and the peaks already paid. Pure."""

from typing import Final, NamedTuple

from energytrack.bill.invoice import cents
from energytrack.contract.tariff import DemandCharge

DEFENDED_SHARE: Final = 0.9
"""At the beginning of a month nothing is paid yet, and any quarter hour would be the highest. This share of last
month's peak is the limit from the start: it is likely to be reached anyway.
"""


class BilledPeaks(NamedTuple):
    """Powers in kW that the contract charges for already."""

    month_kw: float | None
    """The highest of this month so far; None if nothing is known."""
    year_kw: float | None
    """The highest of the year's earlier months."""
    last_month_kw: float | None


class PeakTarget(NamedTuple):
    """The power up to which a quarter hour adds no cost, and the price of a kilowatt above it."""

    limit_kw: float
    price_per_kw: float
    is_expected: bool
    """The limit is not paid yet, but a share of last month's peak."""

    def above_kw(self, kw: float) -> float:
        """How far a quarter hour is above the limit."""
        return max(0.0, kw - self.limit_kw)

    def cost(self, kw: float) -> float:
        """The cost that a quarter hour of this power adds to the bill, without taxes."""
        return cents(self.above_kw(kw) * self.price_per_kw)


def defence_of(demand: DemandCharge | None, paid: BilledPeaks) -> PeakTarget | None:
    """The limit of the guard; None if the contract does not charge demand, or no earlier peak is known."""
    if demand is None:
        return None
    thresholds = [kw for kw in (paid.month_kw, demand.floor_kw or None) if kw is not None]
    if demand.period == "year" and paid.year_kw is not None:
        thresholds.append(paid.year_kw)
    expected = None if paid.last_month_kw is None else DEFENDED_SHARE * paid.last_month_kw
    charged = max(thresholds, default=None)
    if demand.period == "month" and expected is not None and (charged is None or expected > charged):
        return PeakTarget(expected, demand.price_per_kw, is_expected=True)
    return None if charged is None else PeakTarget(charged, demand.price_per_kw, is_expected=False)
