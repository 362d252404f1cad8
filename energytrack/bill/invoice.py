"""The lines of an invoice, as a supplier prints them: amounts rounded to cents, and their sum."""

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
    """Per unit; None if it is not known. For a percentage: the amount to which it applies."""
    amount: float | None
    """Rounded to cents; None if the price is not known: unknown is not free."""
    note: str = ""
    peak: Peak | None = None
    """For demand: the quarter hour that is charged."""
    floor_kw: float | None = None
    """For demand by month: the least power that is paid; None if there is none."""
    paid_kw: float | None = None
    """For demand by year: the power already paid for in the year's earlier months."""


class Invoice(Struct, frozen=True):
    """The invoice for a month under one contract."""

    contract: str
    """Its name; several if it changed within the month."""
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
    """A month's bill, and what other contracts would have cost."""

    plant: str
    month: str
    currency: str
    until: datetime | None
    """The last reading that is counted, in plant time; None if there is none."""
    machines: int
    sums: EnergySums
    """How the energy on the bill was determined, and what was left out."""
    known_ratio: float | None
    """The part of the machines' time of which the energy is known; None if none was present."""
    peak: Peak | None
    invoice: Invoice
    others: tuple[Invoice, ...]


def cents(amount: float) -> float:
    """Rounded as on invoices: half a cent becomes a cent."""
    return float(Decimal(repr(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP))
