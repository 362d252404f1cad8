"""Prints the measures of training in the terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as Printed

from ml.measures.text import number, percent
from ml.models.card import Card, ChosenByCost
from ml.training.learning import SplitQuality
from ml.training.words import costs_in_words


def print_summary(console: Console, made: Card, report: Sequence[SplitQuality], out: Path, budget: float) -> None:
    table = Printed(title=f"On unseen rows; thresholds chosen for {budget:g} false alarms per machine and month")
    for heading in ("", "split", "PR-AUC", "chance", "caught", "false /month", "precision", "warning h", "calibration"):
        table.add_column(heading, justify="left" if heading in {"", "split"} else "right", no_wrap=True)
    for row in report:
        p, a = row.probabilities, row.alarms
        table.add_row(row.name, row.split, number(p.pr_auc), number(p.prevalence), f"{a.caught} of {a.events}",
                      number(a.false_per_month, 2), percent(a.precision), number(a.lead(0.5), 1),
                      number(p.calibration_error))  # fmt: skip
    console.print(table)
    history = made.trained_on
    console.print(
        f"{out}: version {made.version}, trained on {history.rows:,} rows of {history.devices} machines with "
        f"{history.failures} failures ({history.since:%Y-%m-%d} to {history.until:%Y-%m-%d}); "
        f"alarms from a probability of {percent(made.threshold)}"
    )


def print_costs(console: Console, made: Card, currency: str) -> None:
    """Print the cost of wrong alarms on unseen rows, if it is known."""
    if isinstance(made.by_cost, ChosenByCost):
        console.print(costs_in_words(made.by_cost, made.threshold, currency), highlight=False)
