"""`python -m ml.evaluate`, from the command line to JSON and page."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from energytrack.events import Failure
from energytrack.recording import Recording, write_recording
from ml import evaluate as command
from ml.errors import TooFewExamples
from ml.evaluation.job import EvaluationJob
from ml.models.estimators import ModelSize

pytestmark = pytest.mark.slow


def test_the_whole_way_to_json_and_page(
    recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the command runs it; the page needs nothing from anywhere."""
    monkeypatch.setattr(command, "EvaluationJob", partial(EvaluationJob, size=ModelSize(trees=12, depth=8)))
    write_recording(tmp_path / "history", recording)
    out = tmp_path / "out"
    arguments = ["--recording", str(tmp_path / "history"), "--out", str(out), "--jobs", "1", "--kinds", "random_forest"]
    command.main({}, [*arguments, "--longest-life", "100", "--device", "press-1"])
    printed = capsys.readouterr().out
    for word in ("random forest", "threshold rule", "horizon", "evaluation.html"):
        assert word in printed
    document = json.loads((out / "evaluation.json").read_text())
    assert document["type"] == "failures"
    assert document["sections"][0]["verdicts"][0]["probabilities"]["pr_auc"] > 0.8
    page = (out / "evaluation.html").read_text()
    assert page.count("<img") == 8
    assert page.count("data:image/svg+xml;base64,") == 8
    for word in ("Machines never seen", "Before a failure", "By device type", "press"):
        assert word in page
    assert "--kinds random_forest --longest-life 100 --device press-1" in page
    for outside in ("<script", "http://", "https://", "<link"):
        assert outside not in page


def test_nobody_who_scores_loads_plots() -> None:
    """A live consumer has no use for them."""
    code = "import sys, ml.ml_consumer, ml.evaluate; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_plant_file_names_components(recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all recordings that do not tell them, those to learn from as well."""
    jobs: list[EvaluationJob] = []

    def evaluate(job: EvaluationJob, *_: object) -> None:
        jobs.append(job)
        raise TooFewExamples("test")

    monkeypatch.setattr(command, "evaluate_recording", evaluate)
    write_recording(tmp_path, recording)
    folder = str(tmp_path)
    with pytest.raises(TooFewExamples):
        command.main({}, ["--recording", folder, "--train-on", folder, "--plant", "plant.toml"])
    (job,) = jobs
    for each in (job.recording, *job.learn):
        assert {event.component for event in each.events if isinstance(event, Failure)} == {"bearing"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--longest-life", "-5"], "expected a number above 0, got '-5'"),
        (["--splits", "elsewhere"], "needs other recordings: --train-on DIR"),
    ],
)
def test_what_would_measure_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    with pytest.raises(SystemExit):
        command.main({}, ["--recording", str(tmp_path), *arguments])
    assert problem in capsys.readouterr().err
