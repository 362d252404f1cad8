"""A bill as a table for people, as JSON and as CSV for programs."""

import csv
import io
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from energytrack.bill.invoice import Bill, Invoice, InvoiceLine

COLUMNS: Final = ("contract", "kind", "name", "quantity", "unit", "price", "amount", "currency", "note")
UNKNOWN: Final = "not known"


def as_json(bill: Bill) -> str:
    """The bill with its totals; unknown values are null."""
    return msgspec.json.format(msgspec.json.encode(as_builtins(bill)), indent=2).decode()


def as_builtins(bill: Bill) -> dict[str, object]:
    """The bill as JSON's own types, with the totals."""
    builtins: dict[str, object] = msgspec.to_builtins(bill)
    builtins["sums"] = {
        "kwh": bill.sums.kwh,
        "measured_kwh": bill.sums.measured_kwh,
        "bridged_kwh": bill.sums.bridged_kwh,
        "estimated_kwh": bill.sums.estimated_kwh,
        "corrected_kwh": bill.sums.corrected_kwh,
        "suspect_kwh": bill.sums.suspect_kwh,
    }
    builtins["invoice"] = _invoice(bill.invoice)
    builtins["others"] = [
        {**_invoice(other), "difference": round(other.total - bill.invoice.total, 2)} for other in bill.others
    ]
    return builtins


def as_csv(bill: Bill) -> str:
    """A row for each line, first of the contract in force, then of the others; each contract ends with a total."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for invoice in (bill.invoice, *bill.others):
        for line in invoice.lines:
            figures = (line.quantity, line.unit, line.price, line.amount)
            rows.writerow((invoice.contract, line.kind, line.name, *figures, bill.currency, line.note))
        note = "" if invoice.is_complete else "without what has no price"
        rows.writerow((invoice.contract, "total", "total", None, None, None, invoice.total, bill.currency, note))
    return out.getvalue()


def as_table(bill: Bill) -> RenderableType:
    """The lines of the invoice, notes about it, and what the other contracts would have cost."""
    table = Table(title=f"{bill.plant}, {bill.month}", title_justify="left", show_footer=True)
    table.add_column("", footer="total", no_wrap=True)
    for title in ("quantity", "price"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(bill.currency, justify="right", footer=f"{bill.invoice.total:,.2f}", no_wrap=True)
    table.add_column("", style="dim")
    for line in bill.invoice.lines:
        table.add_row(line.name, *_figures(line), line.note)
    parts: list[RenderableType] = [table, *(Text(sentence) for sentence in sentences(bill))]
    if bill.others:
        parts += [Text(), _compared(bill)]
    return Group(*parts)


def sentences(bill: Bill) -> list[str]:
    """How the energy on the bill was determined, and what is missing from it."""
    sums = bill.sums
    if bill.until is None:
        return ["No energy data for this month."]
    texts = [f"{bill.machines} machines, readings until {bill.until:%d %b %Y, %H:%M}."]
    if bill.known_ratio is not None:
        texts.append(f"Energy is known of {bill.known_ratio:.1%} of the time.")
    if sums.estimated_kwh:
        texts.append(f"{sums.estimated_kwh:,.1f} kWh of it are estimated from current.")
    if sums.corrected_kwh:
        texts.append(f"{sums.corrected_kwh:,.1f} kWh of it were decided by people.")
    if sums.suspect_kwh:
        texts.append(f"{sums.suspect_kwh:,.1f} kWh are suspect and not on this bill until somebody decides.")
    if not bill.invoice.is_complete:
        texts.append("The total is without the energy whose price is not known.")
    return texts


def _compared(bill: Bill) -> Table:
    table = Table(title="What other contracts would have cost", title_justify="left")
    table.add_column("")
    for title in ("energy", "standing charge", "demand", "levies", "total", "difference"):
        table.add_column(title, justify="right", no_wrap=True)
    for invoice in (bill.invoice, *bill.others):
        kinds = (invoice.amount("energy"), invoice.amount("standing_charge"), invoice.amount("demand"))
        difference = "" if invoice is bill.invoice else f"{invoice.total - bill.invoice.total:+,.2f}"
        whole = f"{invoice.total:,.2f}" if invoice.is_complete else UNKNOWN
        amounts = (*kinds, invoice.amount("levy"))
        table.add_row(invoice.contract or "no contract", *(f"{each:,.2f}" for each in amounts), whole, difference)
    return table


def _figures(line: InvoiceLine) -> tuple[str, str, str]:
    amount = UNKNOWN if line.amount is None else f"{line.amount:,.2f}"
    if line.unit == "%":
        return f"{line.quantity:g} %", f"of {line.price:,.2f}", amount
    price = "" if line.price is None else f"{line.price:,.4f}"
    quantity = "" if line.quantity is None else f"{line.quantity:,.{2 if line.unit == 'months' else 1}f} {line.unit}"
    return quantity, price, amount


def _invoice(invoice: Invoice) -> dict[str, object]:
    return {**msgspec.to_builtins(invoice), "total": invoice.total, "is_complete": invoice.is_complete}
