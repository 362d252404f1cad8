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
    """What readers must know about it."""


class BenchReport(Struct, frozen=True):
    """All that one command measured."""

    command: str
    """As typed to repeat it."""
    machine: Mapping[str, str]
    sheets: tuple[BenchTable, ...]


def wide_console() -> Console:
    """The terminal; where there is none, wide enough for the widest table."""
    console = Console()
    return console if console.is_terminal else Console(width=150)


def show(sheet: BenchTable, console: Console) -> None:
    table = Table(*sheet.columns, title=sheet.title, caption=sheet.note or None, caption_justify="left")
    for row in sheet.rows:
        table.add_row(*row)
    console.print(table)


def publish(name: str, command: str, facts: Mapping[str, str], sheets: Sequence[BenchTable], console: Console) -> None:
    """Print the tables and file them as `var/bench/<name>.json`; `./et bench.page` makes them a page.

    `facts` are the machine's from before the measurement (`bench.machine.facts`): the load of the time is one of them.
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
    """What was filed under a name; None where nothing was."""
    file = FOLDER / f"{name}.json"
    return msgspec.json.decode(file.read_bytes(), type=BenchReport) if file.exists() else None
