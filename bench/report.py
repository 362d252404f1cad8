"""Results for people (tables) and for machines (JSON), with what they were measured on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.endtoend import Result
from bench.stages import Comparison


def show_results(results: Sequence[Result], console: Console) -> None:
    """Two tables: what flowed, and what it cost."""
    console.print(_flow(results))
    console.print(_cost(results))


def show_stages(comparisons: Sequence[Comparison], console: Console) -> None:
    """Each stage beside its bare loop."""
    table = Table("stage", "messages/s/core", "bare loop", "its messages/s/core", "ratio", title="Each stage alone")
    for row in comparisons:
        table.add_row(row.stage, f"{row.per_second:,.0f}", row.bare, f"{row.bare_per_second:,.0f}", f"{row.ratio:.2f}")
    console.print(table)


def write(path: Path, machine: Mapping[str, str], results: Sequence[Result], stages: Sequence[Comparison]) -> None:
    """All of it as one JSON document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": dict(machine),
        "end_to_end": [asdict(result) | {"lost": result.lost} for result in results],
        "stages": [asdict(stage) for stage in stages],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _flow(results: Sequence[Result]) -> Table:
    table = Table(
        "devices", "readings/s", "produced", "scored", "stored (distinct)", "exported", "lost", "p50 s", "p95 s",
        "p99 s",
        "scrape s", title="From reading to insight",
    )  # fmt: skip
    for row in results:
        table.add_row(
            f"{row.rate:,}", f"{row.produced_per_second:,.0f}", f"{row.produced:,}", f"{row.scored:,}",
            f"{row.stored_distinct:,}", f"{row.exported:,}", f"{row.lost:,}",
            *(f"{row.latency_seconds[name]:.2f}" for name in ("p50", "p95", "p99")), f"{row.scrape_seconds:.3f}",
        )  # fmt: skip
    return table


def _cost(results: Sequence[Result]) -> Table:
    names = sorted({name for row in results for name in row.use})
    table = Table("devices", *names, "sum", title="Cores in use, and MiB of memory")
    for row in results:
        cells = [
            f"{row.use[name].cores:.2f}, {row.use[name].memory_mib:,.0f}" if name in row.use else "" for name in names
        ]
        table.add_row(f"{row.rate:,}", *cells, f"{sum(use.cores for use in row.use.values()):.2f}")
    return table
