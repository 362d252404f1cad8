from dataclasses import replace

import msgspec
import pytest

from energytrack.recording import Recording
from ml.datasets.common_features import common_spec
from ml.evaluation.job import EvaluationJob
from ml.evaluation.prediction import Comparison
from ml.evaluation.prediction_report import evaluate_predictions
from ml.evaluation.results import FailureReport
from ml.models.estimators import ModelSize
from testkit.builders.messages import NOW
from testkit.builders.recordings import a_worn_recording

pytestmark = pytest.mark.slow

SMALL = ModelSize(trees=12, depth=8)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return a_worn_recording(devices=9, hours=480)


@pytest.fixture(scope="module")
def found(recording: Recording) -> tuple[FailureReport, list[Comparison]]:
    return evaluate_predictions(EvaluationJob(recording, size=SMALL), NOW, lambda _: lambda _: None)


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
            "random forest", "gradient boosting", "prevalence", "clock only", "age only", "threshold rule", "warnings",
            "warnings since repair",
        ]  # fmt: skip
        forest, others = section.verdicts[0], section.verdicts[2:]
        assert forest.probabilities.pr_auc > 0.8
        assert all(other.probabilities.pr_auc < forest.probabilities.pr_auc for other in others)
        assert forest.probabilities.calibration_error < 0.1
        assert section.gate.startswith(
            ("random forest would become champion", "gradient boosting would become champion")
        )


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


def test_only_the_splits_that_are_asked_for_are_measured(recording: Recording) -> None:
    """An error of remaining life counts lives up to the longest one that was given."""
    job = EvaluationJob(recording, kinds=("random_forest",), size=SMALL, splits=("machine",), cut_hours=30.0)
    (section,) = evaluate_predictions(job, NOW, lambda _: lambda _: None)[0].sections
    assert section.split == "machine"
    life = section.verdicts[0].life
    assert life is not None
    assert life.error is not None
    assert life.error.cut_hours == 30.0
    assert 0.0 < life.error.hours < 30.0


def test_a_history_that_is_too_short_is_said_to_be(recording: Recording) -> None:
    """Instead of a number that means nothing."""
    sound = replace(recording, events=())
    report, _ = evaluate_predictions(EvaluationJob(sound, size=SMALL), NOW, lambda _: lambda _: None)
    assert all("must hold both failures and normal operation" in section.problem for section in report.sections)


def test_other_recordings_teach_what_they_have_in_common(recording: Recording) -> None:
    """Another signal and another vocabulary do no harm; the whole recording is tested."""
    other = a_worn_recording(devices=6, hours=480, seed=5, signals=("temperature", "pressure", "current", "vibration"))
    devices = tuple(type(d)(f"other-{d.device_id}", "lathe", d.line, d.age_years) for d in other.devices)
    events = tuple(msgspec.structs.replace(e, device_id=f"other-{e.device_id}") for e in other.events)
    other = replace(other, devices=devices, events=events, name="another plant")
    spec = common_spec([other], recording)
    assert spec.signals == ("temperature", "pressure", "current")
    assert spec.device_types == ("lathe",)
    job = EvaluationJob(recording, learn=(other,), kinds=("random_forest",), size=SMALL)
    section = evaluate_predictions(job, NOW, lambda _: lambda _: None)[0].sections[0]
    assert section.split == "elsewhere"
    assert "another plant" in section.how
    assert section.machines == 9
    assert section.verdicts[0].probabilities.pr_auc > 0.8
