"""Progress on the terminal, a bar for each step: it moves where a step tells how far it is, else it sways."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

Tick = Callable[[float], None]
"""Takes the share of a step that was just done; the shares of a whole step sum up to 1."""
Begin = Callable[[str], Tick]
"""Begins a step, by its name."""
ALMOST: Final = 1 - 1e-6
"""Shares are fractions, and their sum is rarely 1 to the last digit."""


@contextmanager
def progress_bars() -> Iterator[Begin]:
    """Bars on stderr, for as long as this lasts."""
    console = Console(stderr=True)
    with Progress(SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn(), console=console) as progress:

        def begin(what: str) -> Tick:
            task = progress.add_task(what, total=None)
            done = 0.0

            def tick(share: float) -> None:
                nonlocal done
                done += share
                progress.update(task, total=1.0, completed=1.0 if done > ALMOST else done)

            return tick

        yield begin
