"""An evaluation on disk: `evaluation.json`, and the page if the plotting libraries are installed."""

from importlib.util import find_spec
from pathlib import Path

import msgspec

from ml.evaluation.recording import Evaluation
from ml.evaluation.results import FailureReport


def write_report(evaluation: Evaluation, out: Path, *, command: str) -> str:
    """Write the results into the folder `out`; returns the names of the files, in words.

    `command` is the command line that repeats the evaluation; the page shows it.
    """
    out.mkdir(parents=True, exist_ok=True)
    content = msgspec.json.format(msgspec.json.encode(evaluation.report), indent=1) + b"\n"
    if not find_spec("matplotlib"):
        (out / "evaluation.json").write_bytes(content)
        return "evaluation.json (for the page: pip install 'energytrack[report]')"
    page = _page(evaluation, command)  # first: if plotting fails, no partial report is left behind
    (out / "evaluation.json").write_bytes(content)
    (out / "evaluation.html").write_text(page, encoding="utf-8")
    return "evaluation.json and evaluation.html"


def _page(evaluation: Evaluation, command: str) -> str:
    from ml.evaluation.report.page import detection_page, failures_page  # noqa: PLC0415  # optional, and large

    if isinstance(evaluation.report, FailureReport):
        return failures_page(evaluation.report, evaluation.trials, command=command)
    return detection_page(evaluation.report, evaluation.judged, command=command)
