"""`python -m ml.train_model --recording DIR`: trains a model on recorded history and reports its quality."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from energytrack.clock import SystemClock
from energytrack.plant import load_plant
from energytrack.recording import read_recording
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry
from ml.datasets.components import with_components
from ml.models.estimators import KINDS, Recipe
from ml.progress import progress_bars
from ml.settings import MlSettings
from ml.training.recording import ROWS, SEED, train_on
from ml.training.summary import print_costs, print_summary
from ml.training.words import in_words


def main(env: Mapping[str, str], arguments: Sequence[str] | None = None) -> None:
    """Train, write the model and its card, print the report."""
    settings = MlSettings.from_env(env)
    options = _parse(arguments, settings)
    notes: list[str] = []
    with progress_bars() as begin:
        tick = begin("reading the recording")
        plant = load_plant(options.plant) if options.plant else None
        recording = with_components(plant, read_recording(options.recording))
        tick(1.0)
        made, report = train_on(
            recording,
            options.out,
            key=settings.key(),
            budget=settings.false_alarms,
            rows=options.rows,
            prices=plant.alarm_costs if plant else None,
            recipe=Recipe(seed=SEED, jobs=options.jobs, rivals=KINDS),
            clock=SystemClock(),
            begin=begin,
            say=notes.append,
        )
    console = Console(width=120)
    for note in notes:
        console.print(note, highlight=False)
    console.print(" ".join(in_words(report)), highlight=False)
    if not options.brief:
        print_summary(console, made, report, options.out, settings.false_alarms)
        print_costs(console, made, plant.tariff.currency if plant else "")


def _parse(arguments: Sequence[str] | None, settings: MlSettings) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=launch_command("ml.train_model"), description=__doc__)
    parser.add_argument("--recording", type=Path, required=True, help="folder of the recorded history")
    parser.add_argument(
        "--plant",
        type=Path,
        metavar="FILE",
        help="plant file with [components] of failure modes, and [costs] of wrong alarms",
    )
    parser.add_argument("--out", type=Path, default=settings.model_file, help="model file (default: %(default)s)")
    parser.add_argument(
        "--rows", type=int, default=ROWS, help="approximate number of rows of the table (default: %(default)s)"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    parser.add_argument("--brief", action="store_true", help="say in a sentence how good it is, without the table")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    entry(main)
