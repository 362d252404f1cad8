"""Requests for a month's bill, and the response."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from control_api.http.schemas import ResponseModel, TextModel
from energytrack.bill.invoice import Bill, Invoice, InvoiceLine, Peak


class BillQuery(TextModel):
    """The month of a bill."""

    month: str | None = Field(
        None, pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="`2026-10`; the last month that is over by default"
    )


class LineResponse(ResponseModel):
    kind: Literal["energy", "standing_charge", "demand", "levy"]
    name: str
    quantity: float | None
    unit: Literal["kWh", "kW", "months", "%"]
    price: float | None = Field(description="Of one unit; of a percentage, the amount that it is taken of")
    amount: float | None = Field(description="To the cent; null where the price is not known")
    note: str


class InvoiceResponse(ResponseModel):
    contract: str
    lines: list[LineResponse]
    total: float = Field(description="The sum of all lines whose amount is known")
    is_complete: bool = Field(description="Whether every line has an amount")


class PeakResponse(ResponseModel):
    kw: float
    start: datetime


class BillResponse(ResponseModel):
    """A month's bill, its basis, and what other contracts would have cost."""

    plant: str
    month: str
    currency: str
    until: datetime | None = Field(description="The last reading that is counted; null where nothing is known")
    machines: int
    kwh: float | None = Field(description="All energy of the month; null where nothing is known")
    estimated_kwh: float
    corrected_kwh: float = Field(description="What people decided")
    suspect_kwh: float = Field(description="Not on the bill until somebody decides")
    known_ratio: float | None = Field(description="The part of the machines' time of which the energy is known")
    peak: PeakResponse | None
    invoice: InvoiceResponse
    others: list[InvoiceResponse] = Field(description="The same month by other versions of the contract, and by offers")


def bill_response(bill: Bill) -> BillResponse:
    sums = bill.sums
    return BillResponse(
        plant=bill.plant, month=bill.month, currency=bill.currency, until=bill.until, machines=bill.machines,
        kwh=sums.kwh, estimated_kwh=sums.estimated_kwh, corrected_kwh=sums.corrected_kwh,
        suspect_kwh=sums.suspect_kwh, known_ratio=bill.known_ratio, peak=_peak(bill.peak),
        invoice=_invoice(bill.invoice), others=[_invoice(other) for other in bill.others],
    )  # fmt: skip


def _peak(peak: Peak | None) -> PeakResponse | None:
    return None if peak is None else PeakResponse(kw=peak.kw, start=peak.start)


def _invoice(invoice: Invoice) -> InvoiceResponse:
    return InvoiceResponse(
        contract=invoice.contract,
        lines=[_line(line) for line in invoice.lines],
        total=invoice.total,
        is_complete=invoice.is_complete,
    )


def _line(line: InvoiceLine) -> LineResponse:
    return LineResponse(
        kind=line.kind, name=line.name, quantity=line.quantity, unit=line.unit, price=line.price, amount=line.amount,
        note=line.note,
    )  # fmt: skip
