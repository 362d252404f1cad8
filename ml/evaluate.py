"""`python -m ml.evaluate --recording DIR`: evaluates models on recorded machines; writes JSON and a page."""

import argparse
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console

from energytrack.clock import SystemClock
from energytrack.importer.arguments import add_choices, choices_of, positive
from energytrack.importer.destinations.recordings import recording_at
from energytrack.plant import load_plant
from energytrack.running.launcher import launch_command
from energytrack.running.service import entry
from ml.datasets.components import with_components
from ml.evaluation.job import SPLITS, EvaluationJob
from ml.evaluation.recording import evaluate_recording
from ml.evaluation.report.files import write_report
from ml.evaluation.report.terminal import print_detection, print_failures
from ml.evaluation.results import FailureReport
from ml.models.estimators import KINDS
from ml.progress import progress_bars
from ml.training.recording import ROWS


def main(env: Mapping[str, str], arguments: Sequence[str] | None = None) -> None:
    """Evaluate, write JSON and page, print the table."""
    del env  # all settings come from the command line
    words = sys.argv[1:] if arguments is None else arguments
    options = _parse(words)
    with progress_bars() as begin:
        tick = begin("reading recordings")
        choices = choices_of(options)
        zone = choices.zone or "UTC"
        choices = replace(choices, zone=zone)
        read = [recording_at(options.recording, choices, zone=zone, events=options.events)]
        read += [recording_at(path, choices, zone=zone) for path in options.train_on]
        plant = load_plant(options.plant) if options.plant else None
        read = [with_components(plant, recording) for recording in read]
        tick(1.0)
        job = EvaluationJob(read[0], tuple(read[1:]), rows=options.rows, kinds=tuple(options.kinds), jobs=options.jobs,
                            splits=tuple(options.splits), cut_hours=options.longest_life)  # fmt: skip
        out = options.out or Path("var/evaluation") / options.recording.resolve().name
        command = shlex.join(["python", "-m", "ml.evaluate", *words])
        evaluation = evaluate_recording(job, SystemClock().now(), begin)
        written = write_report(evaluation, out, command=command)
    console = Console(width=132)
    if isinstance(evaluation.report, FailureReport):
        print_failures(evaluation.report, console)
    else:
        print_detection(evaluation.report, console)
    console.print(f"{out}: {written}", soft_wrap=True)


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=launch_command("ml.evaluate"), description=__doc__)
    parser.add_argument(
        "--recording", type=Path, required=True, help="folder with the recording that is tested, or a file"
    )
    parser.add_argument("--events", type=Path, help="failures and repairs, where the recording is a file")
    parser.add_argument(
        "--train-on", type=Path, nargs="+", action="extend", default=[], metavar="DIR",
        help="folders of recordings to train on instead; the recording is then tested as a whole, too",
    )  # fmt: skip
    parser.add_argument(
        "--plant", type=Path, metavar="FILE", help="plant file whose [components] names those of failure modes"
    )
    parser.add_argument("--out", type=Path, help="folder for JSON and page (default: var/evaluation/NAME)")
    parser.add_argument(
        "--kinds", nargs="+", choices=KINDS, default=KINDS, help="kinds of model, the champion's first (default: all)"
    )
    parser.add_argument(
        "--rows", type=int, default=ROWS, help="approximate number of rows of the table (default: %(default)s)"
    )
    parser.add_argument(
        "--splits", nargs="+", choices=SPLITS, default=SPLITS,
        help="tested with models of other recordings, of earlier times, of other machines (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--longest-life", type=positive, metavar="HOURS",
        help="errors of remaining life count lives as at most this, as published ones do (default: as predicted)",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    add_choices(parser)
    options = parser.parse_args(words)
    if set(options.splits) == {"elsewhere"} and not options.train_on:
        parser.error("--splits elsewhere needs other recordings: --train-on DIR")
    return options


if __name__ == "__main__":
    entry(main)
