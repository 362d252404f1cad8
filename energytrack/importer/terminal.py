"""Prints what a file contains: sample rows, findings with reasons, and what would be stored."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from energytrack.importer.choices import ALLOWED, Choices, FileFinding, NotProved, with_answer
from energytrack.importer.content import Content
from energytrack.importer.destinations.amounts import DoubtfulAmount
from energytrack.importer.destinations.batches import ImportPlan
from energytrack.importer.destinations.prices import PriceFile
from energytrack.importer.destinations.rates import RatePlan
from energytrack.store.telemetry.imports import Batch

WORDS = {
    "date_order": "dates", "decimal": "decimal sign", "labels": "labels", "values": "values", "zone": "time zone",
    "time_column": "time", "device_column": "machine", "rows": "left out", "cells": "unknown", "unit": "unit",
    "amounts": "amounts", "parts": "parts", "parts_values": "parts", "scrap": "rejected parts", "counts": "counts",
}  # fmt: skip
RATES = {
    "price": "Price", "location": "Emission factor, location-based", "market": "Emission factor, market-based",
}  # fmt: skip
VALUES = {
    "dmy": "day first", "mdy": "month first", "ymd": "year first", "\t": "tab", " ": "spaces",
    "begin": "beginning of the interval", "end": "end of the interval",
}  # fmt: skip


def show(console: Console, content: Content, zone: ZoneInfo) -> None:
    """Print sample rows, the findings with their reasons, and what the file contains."""
    console.print(f"[bold]{escape(content.name)}[/bold]: {content.rows:,} rows")
    if content.samples:
        headings, *rows = content.samples
        table = Table(*map(escape, headings), title="Rows as in the file", title_justify="left")
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table)
    console.print(_findings(content.findings))
    held = Table("machine", "what", "from", "until", "values", "sum", title="What it holds", title_justify="left")
    for machine, energy in content.energy.items():
        stretch = (int(energy.start_ms[0]), int(energy.end_ms[-1]))
        quarters_known = int(np.isfinite(energy.kwh).sum())
        held.add_row(
            machine, "energy", *(_local(ms, zone) for ms in stretch), f"{quarters_known:,}", f"{energy.total:,.3f} kWh"
        )
    for machine, parts in content.parts.items():
        stretch = (int(parts.start_ms[0]), int(parts.end_ms[-1]))
        counted = f"{int(np.isfinite(parts.count).sum()):,}"
        held.add_row(machine, "parts", *(_local(ms, zone) for ms in stretch), counted, f"{parts.total:,.0f} parts")
    for rates in content.rates:
        ends = [_local(ms, zone) for ms in rates.start_ms[[0, -1]].tolist()] if len(rates.start_ms) else []
        held.add_row("", escape(rates.heading), *ends, *[""] * (2 - len(ends)), f"{len(rates.start_ms):,}", "")
    for machine, signals in content.signals.items():
        stretch = (int(signals.at_ms[0]), int(signals.at_ms[-1]))
        names = ", ".join(signals.values)
        held.add_row(machine, names, *(_local(ms, zone) for ms in stretch), f"{len(signals):,}", "")
    if content.events:
        first, last = content.events[0].timestamp, content.events[-1].timestamp
        held.add_row(f"{len(content.machines)} machines", "events", f"{first.astimezone(zone):%Y-%m-%d %H:%M}",
                     f"{last.astimezone(zone):%Y-%m-%d %H:%M}", f"{len(content.events):,}", "")  # fmt: skip
    console.print(held)


def show_plan(console: Console, plan: ImportPlan) -> None:
    """Print what would be stored, and what speaks against it."""
    batch = plan.batch
    if plan.known is not None:
        console.print(
            f"This is already stored: batch {plan.known.batch_id}, {plan.known.at:%Y-%m-%d} by {plan.known.by}."
        )
        return
    parts = []
    if batch.kwh is not None:
        parts.append(f"{batch.kwh:,.3f} kWh in {batch.quarters:,} quarter hours")
    if batch.parts is not None:
        parts.append(f"{batch.parts:,.0f} parts")
    parts += [f"{count:,} {what}" for count, what in ((batch.readings, "readings"), (batch.events, "events")) if count]
    console.print(f"To be stored as batch {batch.batch_id}: {', '.join(parts) or 'nothing'}.")
    if plan.too_old:
        console.print(
            f"[yellow]{plan.too_old:,} readings are older than the database keeps (ENERGYTRACK_MONGO_READINGS_DAYS) "
            "and are left out; --recording keeps them.[/yellow]"
        )
    if plan.overlaps:
        console.print(f"[yellow]{plan.overlaps:,} days are known from other imports: this one counts.[/yellow]")


def show_prices(console: Console, path: Path, file: PriceFile, *, named: bool) -> None:
    """Print what a file of market prices would contain, and the line of the plant file that names it."""
    console.print(_findings(file.findings))
    if not file.prices:
        console.print("No price is known.")
        return
    first, last = file.prices[0].start, file.prices[-1].start
    console.print(f"{path}: {len(file.prices):,} prices from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC, "
                  f"{file.new:,} of them new, {file.changed:,} changed.")  # fmt: skip
    if not named:
        console.print("Put it next to plant.toml; a version of the contract names it:")
        console.print(f'market_prices = "{path.name}"', markup=False)


def show_rate_plan(console: Console, plan: RatePlan, zone: ZoneInfo) -> None:
    """Print which prices and factors would be stored, and what the contract had before."""
    console.print(_findings(plan.findings))
    if plan.known is not None:
        console.print(
            f"This is already stored: batch {plan.known.batch_id}, {plan.known.at:%Y-%m-%d} by {plan.known.by}."
        )
        return
    for each in plan.summaries:
        first, last = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (each.first, each.last))
        console.print(f"{RATES[each.kind]}: {each.values:,} from {first} to {last}, "
                      f"{each.lowest:.4f} to {each.highest:.4f} per kWh.")  # fmt: skip
    known = f", {plan.new:,} prices of them new, {plan.changed:,} changed" if plan.batch.market else ""
    console.print(f"To be stored as batch {plan.batch.batch_id}{known}.")


def show_batches(console: Console, batches: Sequence[Batch]) -> None:
    """Print the last imports."""
    table = Table("batch", "file", "by", "at", "machines", "energy", "readings", "events", "state")
    for batch in batches:
        energy = "" if batch.kwh is None else f"{batch.kwh:,.1f} kWh"
        counts = (str(len(batch.machines)), energy, f"{batch.readings:,}", f"{batch.events:,}")
        at = f"{batch.at:%Y-%m-%d %H:%M}"
        table.add_row(batch.batch_id, batch.file, batch.by, at, *counts, batch.state.replace("_", " "))
    console.print(table)


def answered_choices(console: Console, question: NotProved, choices: Choices, answer: Callable[[str], str]) -> Choices:
    """The choices with a person's answer to an open question."""
    console.print(f"[yellow]{escape(question.problem)}.[/yellow]")
    allowed = question.options or ALLOWED.get(question.what)
    options = f" ({', '.join(allowed)})" if allowed else ""
    suggestion = f" [{question.suggestion}]" if question.suggestion else ""
    while True:
        reply = answer(f"{question.what.replace('_', ' ')}{options}{suggestion}: ").strip() or question.suggestion or ""
        if reply and (allowed is None or reply in allowed):
            if isinstance(question, DoubtfulAmount) and reply == question.unit:
                choices = with_answer(choices, "amounts", "as_stated")
            try:
                return with_answer(choices, question.what, reply)
            except ValueError as error:
                console.print(f"[yellow]{escape(str(error))}[/yellow]")


def _findings(findings: Sequence[FileFinding]) -> Table:
    table = Table("what", "found", "because", title="What was found", title_justify="left")
    for finding in findings:
        value = finding.value or "not proved"
        table.add_row(WORDS.get(finding.what, finding.what), escape(VALUES.get(value, value)), escape(finding.why))
    return table


def _local(ms: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M}"
