"""The result of a benchmark: tables for people, with the command, the computer and the date."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

FOLDER: Final = Path("var/bench")


class BenchTable(Struct, frozen=True):
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    """What readers need to know about the table."""


class BenchReport(Struct, frozen=True):
    """The results of one command."""

    command: str
    """The command line that repeats it."""
    machine: Mapping[str, str]
    sheets: tuple[BenchTable, ...]


def wide_console() -> Console:
    """The console; without a terminal, wide enough for the widest table."""
    console = Console()
    return console if console.is_terminal else Console(width=150)


def show(sheet: BenchTable, console: Console) -> None:
    table = Table(*sheet.columns, title=sheet.title, caption=sheet.note or None, caption_justify="left")
    for row in sheet.rows:
        table.add_row(*row)
    console.print(table)


def publish(name: str, command: str, facts: Mapping[str, str], sheets: Sequence[BenchTable], console: Console) -> None:
    """Print the tables and store them as `var/bench/<name>.json`; `./et bench.page` makes them a page.

    `facts` are the machine's from before the measurement (`bench.machine.facts`): they include the load at that time.
    """
    console.print(", ".join(f"{fact} {value}" for fact, value in facts.items()), highlight=False)
    for sheet in sheets:
        show(sheet, console)
    file = FOLDER / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(
        msgspec.json.format(msgspec.json.encode(BenchReport(command, facts, tuple(sheets))), indent=2) + b"\n"
    )
    console.print(f"written to {file}")


def published(name: str) -> BenchReport | None:
    """The report stored under a name; None if there is none."""
    file = FOLDER / f"{name}.json"
    return msgspec.json.decode(file.read_bytes(), type=BenchReport) if file.exists() else None
