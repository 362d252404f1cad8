"""`python -m ml.evaluate --recording DIR`: says what the model is worth on recorded machines, as JSON and as a page."""

import argparse
import os
import shlex
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import msgspec
from rich.console import Console

from energytrack.clock import Clock, SystemClock
from energytrack.recording import read_recording
from energytrack.service import entry
from ml.evaluation.detection_report import evaluate_detection
from ml.evaluation.job import Job
from ml.evaluation.prediction_report import evaluate_predictions
from ml.evaluation.report.terminal import print_detection, print_failures
from ml.evaluation.results import DetectionReport, FailureReport
from ml.models.estimators import KINDS
from ml.progress import Begin, progress_bars
from ml.training.recording import ROWS


def main(env: Mapping[str, str], arguments: Sequence[str] | None = None) -> None:
    """Evaluate, write JSON and page, print the table."""
    del env  # nothing is set but on the command line
    options = _parse(arguments)
    with progress_bars() as begin:
        tick = begin("reading recordings")
        read = [read_recording(folder) for folder in (options.recording, *options.train_on)]
        tick(1.0)
        job = Job(read[0], tuple(read[1:]), rows=options.rows, kinds=tuple(options.kinds), jobs=options.jobs)
        out = options.out or Path("var/evaluation") / options.recording.resolve().name
        command = shlex.join(["python", "-m", "ml.evaluate", *_told(options)])
        report = run(job, out, command=command, clock=SystemClock(), begin=begin)
    console = Console(width=132)
    if isinstance(report, FailureReport):
        print_failures(report, console)
    else:
        print_detection(report, console)
    written = "evaluation.json and evaluation.html" if find_spec("matplotlib") else (
        "evaluation.json (for the page: pip install 'energytrack[report]')"
    )  # fmt: skip
    console.print(f"{out}: {written}", soft_wrap=True)


def run(
    job: Job, out: Path, *, command: str, clock: Clock, begin: Begin = lambda _: lambda _: None
) -> FailureReport | DetectionReport:
    """Evaluate and write `evaluation.json` and, where the libraries for it are installed, `evaluation.html`."""
    out.mkdir(parents=True, exist_ok=True)
    page = ""
    report: FailureReport | DetectionReport
    if job.recording.labels and job.recording.horizon_hours is None:
        report, judged = evaluate_detection(job, clock.now(), begin)
        if find_spec("matplotlib"):
            from ml.evaluation.report.page import detection_page  # noqa: PLC0415  # optional, and large

            page = detection_page(report, judged, command=command)
    else:
        report, trials = evaluate_predictions(job, clock.now(), begin)
        if find_spec("matplotlib"):
            from ml.evaluation.report.page import failures_page  # noqa: PLC0415

            page = failures_page(report, trials, command=command)
    (out / "evaluation.json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    if page:
        (out / "evaluation.html").write_text(page, encoding="utf-8")
    return report


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ml.evaluate", description=__doc__)
    parser.add_argument("--recording", type=Path, required=True, help="folder with the recording that is tested")
    parser.add_argument(
        "--train-on", type=Path, nargs="+", action="extend", default=[], metavar="DIR",
        help="folders with recordings to learn from instead; the recording is then tested as a whole, too",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, help="folder for JSON and page (default: var/evaluation/NAME)")
    parser.add_argument(
        "--kinds", nargs="+", choices=KINDS, default=KINDS, help="kinds of model, the champion's first (default: all)"
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the table (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    return parser.parse_args(arguments)


def _told(options: argparse.Namespace) -> list[str]:
    told = ["--recording", str(options.recording)]
    return told + [word for folder in options.train_on for word in ("--train-on", str(folder))]


if __name__ == "__main__":
    entry(main)
