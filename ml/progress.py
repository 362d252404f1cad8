"""Progress bars in the terminal, one per step; a step that does not report its progress has an indeterminate bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

Tick = Callable[[float], None]
"""Takes the share of a step that was just done; all shares of a step sum to 1."""
Begin = Callable[[str], Tick]
"""Starts a step, by its name."""
ALMOST: Final = 1 - 1e-6
"""Shares are fractions, so their sum is rarely exactly 1."""


@contextmanager
def progress_bars() -> Iterator[Begin]:
    """Bars on stderr, while this lasts."""
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
