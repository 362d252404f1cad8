"""Terminal output of a start: a table that is updated (without a terminal: lines), then one line."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.lifecycle.progress import Rows, StepProgress

MARKS: Final = {"waiting": "·", "ready": "[green]✓[/]", "failed": "[red]✗[/]", "skipped": "[yellow]-[/]"}
WORTH_TELLING_SECONDS: Final = 0.5


@contextmanager
def start_shown(console: Console) -> Iterator[Callable[[Rows], None]]:
    """Called with the rows after each change."""
    if not console.is_terminal:
        yield _lines(console)
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield lambda rows: live.update(start_table(list(rows.values())))


def start_table(rows: Sequence[StepProgress]) -> Table:
    """The table of a start."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(width=1)
    table.add_column(style="bold")
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column()
    for row in rows:
        mark = Spinner("dots") if row.state == "starting" else Text.from_markup(MARKS[row.state])
        seconds = f"{row.seconds:.1f} s" if row.seconds else ""
        detail = row.detail.splitlines()[0] if row.detail else ""
        table.add_row(
            mark, row.name, row.purpose, seconds, Text(detail, style="red" if row.state == "failed" else "dim")
        )
    return table


def _lines(console: Console) -> Callable[[Rows], None]:
    """A line for each step when it has ended."""
    printed: set[str] = set()

    def report(rows: Rows) -> None:
        for row in rows.values():
            if row.name not in printed and row.state in {"ready", "failed", "skipped"}:
                printed.add(row.name)
                seconds = f"{row.seconds:.1f} s" if row.seconds else ""
                detail = row.detail.splitlines()[0] if row.detail else ""
                mark = Text.from_markup(MARKS[row.state]).plain
                console.print(f"{mark} {row.name:<14}{seconds:>8}  {detail}".rstrip(), markup=False)

    return report


@contextmanager
def step_shown(console: Console, title: str) -> Iterator[None]:
    """A spinner while something runs, then its duration; nothing if it took almost no time."""
    begun = time.monotonic()
    with console.status(title):
        yield
    seconds = time.monotonic() - begun
    if seconds >= WORTH_TELLING_SECONDS:
        console.print(f"[green]✓[/] {title}  {seconds:.1f} s")
