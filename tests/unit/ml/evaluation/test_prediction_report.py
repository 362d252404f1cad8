import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest
from ml.datasets.tabulate import describe, tabulate
from ml.evaluation.recording import run

from energytrack.clock import ManualClock
from energytrack.recording import Recording, write_recording
from ml import evaluate as command
from ml.datasets.common_features import NothingInCommon, SameMachines, common_spec
from ml.datasets.splits import Split
from ml.datasets.table import joined
from ml.errors import LeakySplit
from ml.evaluation.job import Job
from ml.evaluation.prediction import Comparison, TrainTestTables
from ml.evaluation.prediction_report import evaluate_predictions
from ml.evaluation.results import FailureReport
from ml.models.estimators import KINDS, ModelSize
from testkit.builders import NOW
from testkit.ml_builders import a_worn_recording, labelled_runs

SMALL = ModelSize(trees=12, depth=8)


def renamed(recording: Recording, prefix: str) -> Recording:
    """The same machines under other names."""
    devices = tuple(
        type(d)(f"{prefix}-{i}", d.device_type, d.line, d.age_years) for i, d in enumerate(recording.devices)
    )
    return Recording(**{**recording.__dict__, "devices": devices, "events": (), "name": prefix})


@pytest.fixture(scope="module")
def recording() -> Recording:
    return a_worn_recording(devices=9, hours=480)


@pytest.fixture(scope="module")
def found(recording: Recording) -> tuple[FailureReport, list[Comparison]]:
    return evaluate_predictions(Job(recording, size=SMALL), NOW, lambda _: lambda _: None)


def test_both_splits_are_measured_in_one_run(found: tuple[FailureReport, list[Comparison]]) -> None:
    """Later in time, and on machines that were never seen; each machine is tested once."""
    report, _ = found
    assert [section.split for section in report.sections] == ["time", "machine"]
    time, machine = report.sections
    assert machine.machines == 9
    assert machine.events > time.events >= 10
    assert "24 h" in time.how


def test_models_stand_beside_what_knows_nothing(found: tuple[FailureReport, list[Comparison]]) -> None:
    """Both kinds, three dummies and a rule; the models are better, and keep their word."""
    for section in found[0].sections:
        names = [verdict.name for verdict in section.verdicts]
        assert names == [
            "random forest", "gradient boosting", "prevalence", "clock only", "age only", "threshold rule",
        ]  # fmt: skip
        forest, others = section.verdicts[0], section.verdicts[2:]
        assert forest.probabilities.pr_auc > 0.8
        assert all(other.probabilities.pr_auc < forest.probabilities.pr_auc for other in others)
        assert forest.probabilities.calibration_error < 0.1
        assert section.gate.startswith(("random forest would be champion", "gradient boosting would be champion"))


def test_alarms_are_measured_within_two_budgets(found: tuple[FailureReport, list[Comparison]]) -> None:
    """Half a false alarm and one for each machine and month, with intervals that hold the value, by type too."""
    for section in found[0].sections:
        forest = section.verdicts[0]
        half, one = forest.alarms
        assert (half.budget, one.budget) == (0.5, 1.0)
        assert half.threshold >= one.threshold
        assert half.events == one.events == section.events
        for at in (half, one):
            low, high = at.intervals["event_recall"]
            assert low <= at.event_recall <= high
        assert 0 < one.lead_hours_p10 <= one.lead_hours_median <= 24
        low, high = forest.intervals["pr_auc"]
        assert low <= forest.probabilities.pr_auc <= high
        assert [kind.device_type for kind in forest.by_type] == ["cnc_machine", "press"]
        assert sum(kind.rows for kind in forest.by_type) == section.test_rows
        assert sum(kind.alarms[0].events for kind in forest.by_type) == section.events


def test_thresholds_come_from_rows_that_are_not_tested(found: tuple[FailureReport, list[Comparison]]) -> None:
    """Were test rows turned round, the thresholds would stay where they are: nothing of them was looked at."""
    for trial in found[1]:
        for part in trial.parts["random forest"]:
            turned = type(part)(part.test, part.probability[::-1], part.thresholds)
            assert turned.alarms(1).threshold == part.alarms(1).threshold == part.thresholds[1]


def test_rows_at_random_are_refused(recording: Recording) -> None:
    """They would make any model look good."""
    table = tabulate(recording, describe(recording))
    test = np.random.default_rng(0).random(len(table)) < 0.3
    with pytest.raises(LeakySplit):
        TrainTestTables.of(table, Split("random", fit=~test, validate=np.zeros_like(test), test=test, past=~test))


def test_a_history_that_is_too_short_is_said_to_be(recording: Recording) -> None:
    """Instead of a number that means nothing."""
    sound = Recording(**{**recording.__dict__, "events": ()})
    report, _ = evaluate_predictions(Job(sound, size=SMALL), NOW, lambda _: lambda _: None)
    assert all("do not hold both failures and sound operation" in section.problem for section in report.sections)


def test_other_recordings_teach_what_they_have_in_common(recording: Recording) -> None:
    """Another signal and another vocabulary do no harm; the whole recording is tested."""
    other = a_worn_recording(devices=6, hours=480, seed=5, signals=("temperature", "pressure", "current", "vibration"))
    devices = tuple(type(d)(f"other-{d.device_id}", "lathe", d.line, d.age_years) for d in other.devices)
    events = tuple(msgspec.structs.replace(e, device_id=f"other-{e.device_id}") for e in other.events)
    other = Recording(**{**other.__dict__, "devices": devices, "events": events, "name": "another plant"})
    spec = common_spec([other], recording)
    assert spec.signals == ("temperature", "pressure", "current")
    assert spec.device_types == ("lathe",)
    job = Job(recording, learn=(other,), kinds=("random_forest",), size=SMALL)
    section = evaluate_predictions(job, NOW, lambda _: lambda _: None)[0].sections[0]
    assert section.split == "elsewhere"
    assert "another plant" in section.how
    assert section.machines == 9
    assert section.verdicts[0].probabilities.pr_auc > 0.8


def test_a_machine_is_not_tested_on_what_it_taught(recording: Recording) -> None:
    """The same machine at the same time in both is refused, and so are recordings of two sorts."""
    with pytest.raises(SameMachines, match="cnc-0000"):
        common_spec([recording], recording)
    with pytest.raises(NothingInCommon, match="labelled stretches"):
        common_spec([labelled_runs()], recording)


def test_joined_tables_keep_their_failures_apart(recording: Recording) -> None:
    """Each row's machine and failure are those that they were."""
    spec = describe(recording)
    tables = [tabulate(recording, spec), tabulate(renamed(recording, "x"), spec), tabulate(recording, spec)]
    both = joined(tables)
    last = slice(len(tables[0]) + len(tables[1]), None)
    positive = both.event[last] >= 0
    assert (both.event[last] >= 0).tolist() == (tables[2].event >= 0).tolist()
    assert both.events[both.event[last][positive], 0].tolist() == both.device[last][positive].tolist()
    assert both.devices[9] == "x-0"


def test_the_whole_way_to_json_and_page(
    recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the command runs it; the page needs nothing from anywhere."""
    monkeypatch.setattr(command, "Job", partial(Job, size=SMALL))
    write_recording(tmp_path / "history", recording)
    out = tmp_path / "out"
    arguments = ["--recording", str(tmp_path / "history"), "--out", str(out), "--jobs", "1", "--kinds", "random_forest"]
    command.main({}, arguments)
    printed = capsys.readouterr().out
    for word in ("random forest", "threshold rule", "horizon", "evaluation.html"):
        assert word in printed
    document = json.loads((out / "evaluation.json").read_text())
    assert document["type"] == "failures"
    assert document["sections"][0]["verdicts"][0]["probabilities"]["pr_auc"] > 0.8
    page = (out / "evaluation.html").read_text()
    assert page.count("<img") == 8
    assert page.count("data:image/svg+xml;base64,") == 8
    for word in ("Machines never seen", "The run-up to a failure", "By device type", "press"):
        assert word in page
    for outside in ("<script", "http://", "https://", "<link"):
        assert outside not in page


def test_the_page_of_labelled_runs(tmp_path: Path) -> None:
    """Run by run, with the three signals' honest words."""
    job = Job(
        labelled_runs(), kinds=("random_forest",), size=ModelSize(trees=10, depth=6, leaf=20, rows_per_tree=2_000)
    )
    run(job, tmp_path, command="x", clock=ManualClock(NOW))
    page = (tmp_path / "evaluation.html").read_text()
    for word in ("run-5", "Run by run", "temperature, pressure, current alone", "How soon"):
        assert word in page
    assert json.loads((tmp_path / "evaluation.json").read_text())["type"] == "detection"


def test_nobody_who_scores_loads_plots() -> None:
    """A live consumer has no use for them."""
    code = "import sys, ml.ml_consumer, ml.evaluate; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_both_kinds_compete_by_default() -> None:
    """The random forest is the champion's kind."""
    assert KINDS == ("random_forest", "gradient_boosting")
