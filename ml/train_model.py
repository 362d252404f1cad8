"""`python -m ml.train_model --recording DIR`: trains a model on recorded history and says honestly what it is worth."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table as Printed

from energytrack.clock import Clock, SystemClock
from energytrack.recording import Recording, read_recording
from energytrack.service import entry
from ml.datasets.splits import by_machine, by_time_with_failures
from ml.datasets.tabulate import describe, tabulate
from ml.models.artifact import seal, write
from ml.models.card import Card
from ml.models.estimators import Recipe
from ml.progress import Begin, progress_bars
from ml.settings import MlSettings
from ml.training.card import card
from ml.training.learning import SplitQuality, beside, learn

ROWS: Final = 150_000
SEED: Final = 20261123


def main(env: Mapping[str, str], arguments: Sequence[str] | None = None) -> None:
    """Train, write the model and its card, print the report."""
    settings = MlSettings.from_env(env)
    options = _parse(arguments, settings)
    with progress_bars() as begin:
        tick = begin("reading the recording")
        recording = read_recording(options.recording)
        tick(1.0)
        made, report = train_on(
            recording,
            options.out,
            key=settings.key(),
            budget=settings.false_alarms,
            rows=options.rows,
            recipe=Recipe(seed=SEED, jobs=options.jobs),
            clock=SystemClock(),
            begin=begin,
        )
    _print(Console(width=120), made, report, options.out, settings.false_alarms)


def train_on(
    recording: Recording,
    out: Path,
    *,
    key: str | None,
    budget: float,
    clock: Clock,
    rows: int = ROWS,
    recipe: Recipe | None = None,
    begin: Begin = lambda _: lambda _: None,
) -> tuple[Card, list[SplitQuality]]:
    """Train on a recording, write the sealed model, and return its card and everything that was measured.

    The model is trained on the first part of the time, calibrated on the next, and measured on the last, which is the
    last half where a quarter holds no failure; a second one, thrown away afterwards, tells what to expect of machines
    that were never seen. Raises TooFewExamples.
    """
    tick = begin("building features")
    table = tabulate(recording, describe(recording), rows=rows, hide=np.random.default_rng(SEED), progress=tick)
    tick = begin("training, split by time")
    split = by_time_with_failures(table, least=1)
    trained = learn(table, split, budget=budget, recipe=recipe)
    report = [trained.measured, *beside(table, split, budget=budget)]
    tick(1.0)
    tick = begin("training, split by machine")
    others = by_machine(table, folds=3, seed=SEED)[0]
    report.append(learn(table, others, budget=budget, recipe=recipe).measured)
    tick(1.0)
    made, artifact = seal(trained.model, card(trained, table, split, history=recording.name, now=clock.now()), key)
    write(out, made, artifact)
    return made, report


def _parse(arguments: Sequence[str] | None, settings: MlSettings) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ml.train_model", description=__doc__)
    parser.add_argument("--recording", type=Path, required=True, help="folder with the recorded history")
    parser.add_argument("--out", type=Path, default=settings.model_file, help="model file (default: %(default)s)")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the training table (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    return parser.parse_args(arguments)


def _print(console: Console, made: Card, report: Sequence[SplitQuality], out: Path, budget: float) -> None:
    table = Printed(
        title=f"On rows that were not seen; thresholds chosen for {budget:g} false alarms per machine and month"
    )
    for heading in ("", "split", "PR-AUC", "chance", "caught", "false /month", "precision", "lead h", "calibration"):
        table.add_column(heading, justify="left" if heading in {"", "split"} else "right", no_wrap=True)
    for row in report:
        p, a = row.probabilities, row.alarms
        table.add_row(row.name, row.split, f"{p.pr_auc:.3f}", f"{p.prevalence:.3f}", f"{a.caught} of {a.events}",
                      f"{a.false_per_month:.2f}", f"{a.precision:.2f}", f"{a.lead(0.5):.1f}",
                      f"{p.calibration_error:.3f}")  # fmt: skip
    console.print(table)
    told = made.trained_on
    console.print(
        f"{out}: version {made.version}, trained on {told.rows} rows of {told.devices} machines with {told.failures} "
        f"failures ({told.since:%Y-%m-%d} to {told.until:%Y-%m-%d}); alarms from probability {made.threshold:.2f} on"
    )


if __name__ == "__main__":
    entry(main)
