from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from energytrack.recording import Recording, read_recording
from ml.datasets.splits import Split, by_machine, by_time_with_failures
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.errors import LeakySplit
from ml.evaluation.detection import always, assess, contenders, detection_spec, run_detector
from ml.evaluation.prediction import TrainTestTables
from ml.measures.quality import measure_probabilities
from ml.models.estimators import ModelSize, Recipe
from ml.training.fitting import train
from ml.training.learning import learn

pytestmark = pytest.mark.slow

SHARED = Path(__file__).parents[5] / "shared" / "data"
SMALL = ModelSize(trees=40, depth=10)


def recorded(name: str) -> Recording:
    if not (SHARED / name).is_dir():
        pytest.skip(f"no recording {name} on this computer")
    return read_recording(SHARED / name)


@pytest.fixture(scope="module")
def table() -> Table:
    recording = recorded("azure-pdm")
    return tabulate(recording, describe(recording), hide=np.random.default_rng(0))


def test_failures_of_recorded_machines_are_foreseen_later_in_time(table: Table) -> None:
    """With a forest smaller than the real one: early, nearly all of them, and hardly ever for nothing."""
    found = learn(table, by_time_with_failures(table), budget=1.0, recipe=Recipe(size=SMALL)).measured
    assert found.probabilities.pr_auc >= 0.80
    assert found.probabilities.calibration_error <= 0.01
    assert found.alarms.events >= 9
    assert found.alarms.recall >= 0.9
    assert found.alarms.false_per_month <= 1.0


def test_no_split_of_recorded_machines_leaks(table: Table) -> None:
    """Rows at random would, and are refused; that is more than a formality: a machine's own clock then foretells all.

    Of machines and times that are apart the same clock foretells nothing.
    """
    time, machine = by_time_with_failures(table), by_machine(table, folds=3, seed=0)[0]
    rows = np.random.default_rng(0).random(len(table)) < 0.3
    mixed = Split("random", fit=~rows, validate=np.zeros_like(rows), test=rows, past=~rows)
    with pytest.raises(LeakySplit):
        TrainTestTables.of(table, mixed)
    features = np.zeros_like(table.features)
    features[:, 0] = table.at_ms // 3_600_000 % 10_000 + 10_000 * table.device
    blind = replace(table, features=features)
    used = np.arange(features.shape[1]) == 0
    roc_aucs = {}
    for split in (time, machine, mixed):
        forest = train(Recipe(size=ModelSize(trees=20, depth=25, leaf=2)), blind.where(split.fit), used)
        score = forest.predict_proba(features[split.test][:, used])[:, 1]
        roc_aucs[split.name] = measure_probabilities(table.label[split.test], score).roc_auc
    assert roc_aucs.pop("random") > 0.9
    assert all(roc_auc < 0.7 for roc_auc in roc_aucs.values())


def test_faults_of_a_real_rig_are_noticed_within_a_minute() -> None:
    """Learned from every other run, with a forest smaller than the real one; fast enough to act upon."""
    recording = recorded("skab")
    table = tabulate(recording, detection_spec(describe(recording)))
    learnt = table.device % 2 == 0
    ask = contenders(("random_forest",), size=ModelSize(30, 10, 20, 5_000), seed=0, jobs=1)["random forest"]
    found = assess("forest", run_detector([(table.where(learnt), table.where(~learnt))], ask), model=True).detected
    assert found.f1 > max(0.8, 2 * always(table))
    assert found.delay_seconds_median <= 60
    assert found.noticed >= found.stretches - 1
