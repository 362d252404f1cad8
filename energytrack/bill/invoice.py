"""The lines of an invoice, as a supplier prints them: amounts to the cent, and their sum."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from msgspec import Struct

from energytrack.ledger.sums import EnergySums

Kind = Literal["energy", "standing_charge", "demand", "levy"]


class Peak(Struct, frozen=True):
    """A fixed quarter hour with the highest mean power."""

    kw: float
    start: datetime
    """Aware, plant time."""


class InvoiceLine(Struct, frozen=True):
    kind: Kind
    name: str
    quantity: float | None
    unit: Literal["kWh", "kW", "months", "%"]
    price: float | None
    """Of one unit; None where it is not known. Of a percentage: the amount that it is taken of."""
    amount: float | None
    """To the cent; None where the price is not known: unknown is not free."""
    note: str = ""
    peak: Peak | None = None
    """Of demand: the quarter hour that it is charged for."""
    floor_kw: float | None = None
    """Of demand by month: what is paid in any case; None where nothing is."""
    paid_kw: float | None = None
    """Of demand by year: what the year's earlier months have paid already."""


class Invoice(Struct, frozen=True):
    """What a month costs by one contract."""

    contract: str
    """Its name; more than one where it changed within the month."""
    lines: tuple[InvoiceLine, ...]

    @property
    def total(self) -> float:
        """The sum of all lines whose amount is known."""
        return cents(sum(line.amount or 0.0 for line in self.lines))

    @property
    def is_complete(self) -> bool:
        """Whether every line has an amount."""
        return all(line.amount is not None for line in self.lines)

    def amount(self, kind: Kind) -> float:
        """The sum of the lines of a kind."""
        return cents(sum(line.amount or 0.0 for line in self.lines if line.kind == kind))


class Bill(Struct, frozen=True):
    """A month's bill beside what other contracts would have cost."""

    plant: str
    month: str
    currency: str
    until: datetime | None
    """The last reading that is counted, in plant time; None where nothing is."""
    machines: int
    sums: EnergySums
    """What the energy on it rests on, and what is kept out of it."""
    known_ratio: float | None
    """The part of the machines' time of which the energy is known; None where there is none."""
    peak: Peak | None
    invoice: Invoice
    others: tuple[Invoice, ...]


def cents(amount: float) -> float:
    """Rounded as invoices are: half a cent is a cent."""
    return float(Decimal(repr(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP))
