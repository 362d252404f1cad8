from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from ml.datasets.tabulate import describe, tabulate
from ml.measures.intervals import bootstrap, bootstrap_alarms
from msgspec.structs import asdict

from energytrack.clock import ManualClock
from energytrack.recording import Label, Recording, write_recording
from ml import train_model
from ml.arrays import Mask
from ml.datasets.splits import Split, by_machine, by_time, by_time_with_failures, check
from ml.datasets.table import Table
from ml.errors import LeakySplit, TooFewExamples
from ml.measures.alarms import failure_rule
from ml.measures.quality import (
    LEAST_THRESHOLD,
    calibration_error,
    choose_threshold,
    measure_alarms,
    measure_probabilities,
    pool_alarms,
)
from ml.models.artifact import read
from ml.models.estimators import ModelSize, Recipe, varying
from ml.training.learning import beside, learn
from testkit.builders import NOW
from testkit.ml_builders import START_MS, a_worn_recording

HOUR = 3_600_000
SMALL = Recipe(size=ModelSize(trees=20, depth=8))


@pytest.fixture(scope="module")
def recording() -> Recording:
    return a_worn_recording(devices=10, hours=480)


@pytest.fixture(scope="module")
def table(recording: Recording) -> Table:
    return tabulate(recording, describe(recording), hide=np.random.default_rng(0))


def test_the_features_are_described_from_the_recording(recording: Recording) -> None:
    """Its signals, codes, components and types; buckets as long as its interval."""
    spec = describe(recording)
    assert spec.signals == ("temperature", "pressure", "current")
    assert spec.codes == ("door", "hot")
    assert spec.components == ("bearing",)
    assert spec.device_types == ("cnc_machine", "press")
    assert spec.bucket_seconds == 3600.0


def test_the_vocabulary_does_not_know_the_future(recording: Recording) -> None:
    """What was first heard after a moment is not in a spec of that moment."""
    assert describe(recording, until_ms=START_MS).codes == ()


def test_fewer_rows_are_taken_at_regular_moments(recording: Recording) -> None:
    """Each row stands for a stretch of time, and each machine has about as many."""
    thinned = tabulate(recording, describe(recording), rows=len(recording) // 6)
    assert thinned.step_ms == 6 * HOUR
    for device in range(10):
        at = thinned.at_ms[thinned.device == device]
        assert set(np.diff(at) % (6 * HOUR)) == {0}


def test_young_rows_see_less_and_only_train(table: Table) -> None:
    """They teach what a short history looks like."""
    young = table.where(table.training_only)
    assert 0.1 < len(young) / len(table) < 0.3
    name = table.spec.names.index("temperature_shift")
    assert np.isnan(young.features[:, name]).mean() > np.isnan(table.features[~table.training_only, name]).mean()
    for split in (by_time(table), *by_machine(table, folds=3, seed=0)):
        assert not (table.training_only & (split.validate | split.test)).any()


def test_blocks_of_time_have_a_gap_of_the_horizon(table: Table) -> None:
    """No label of an earlier block looks into a later one."""
    split = by_time(table)
    for earlier, later in ((split.fit, split.validate), (split.validate, split.test)):
        assert table.at_ms[earlier].max() + table.horizon_ms <= table.at_ms[later].min()


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_folds_of_machines_share_none(table: Table, folds: int) -> None:
    """Each machine is tested once, by a model that never saw it."""
    splits = by_machine(table, folds=folds, seed=0)
    tested = np.concatenate([np.unique(table.device[split.test]) for split in splits])
    assert sorted(tested.tolist()) == list(range(10))
    for split in splits:
        parts = [set(table.device[rows].tolist()) for rows in (split.fit, split.validate, split.test)]
        assert parts[0] | parts[1] | parts[2] == set(range(10))
        assert sum(map(len, parts)) == 10


def test_a_forest_learns_what_wears_machines_and_the_baselines_do_not(table: Table) -> None:
    """On later time, and on machines that it never saw."""
    for split in (by_time(table), by_machine(table, folds=3, seed=0)[0]):
        trained = learn(table, split, budget=1.0, recipe=SMALL)
        found = trained.measured
        assert found.probabilities.pr_auc > 0.8 > 2 * found.probabilities.prevalence - 0.1
        assert found.alarms.recall > 0.8
        for other in beside(table, split, budget=1.0):
            assert other.probabilities.pr_auc < found.probabilities.pr_auc


def test_rows_split_at_random_would_leak(table: Table) -> None:
    """The very reason for blocks: neighbours of test rows in training make any model look better than it is.

    All that this model can see is a clock of its own for each machine, which foretells nothing.
    """
    rng = np.random.default_rng(0)
    features = np.zeros_like(table.features)
    features[:, 0] = table.at_ms // HOUR + 1000 * table.device
    blind = Table(**{**table.__dict__, "features": features, "training_only": np.zeros(len(table), dtype=bool)})
    honest, test, deep = by_time(blind), rng.random(len(blind)) < 0.3, Recipe(size=ModelSize(trees=20, depth=20))
    used = varying(features)
    p = deep.fit(blind.where(honest.fit), used).predict_proba(features[honest.test][:, used])[:, 1]
    q = deep.fit(blind.where(~test), used).predict_proba(features[test][:, used])[:, 1]
    assert measure_probabilities(blind.label[honest.test], p).roc_auc < 0.65
    assert measure_probabilities(blind.label[test], q).roc_auc > 0.85


def test_features_that_never_vary_are_left_out() -> None:
    """So are those of which nothing is known."""
    nan = np.nan
    features = np.array([[1.0, nan, nan, 1.0], [1.0, nan, 2.0, 2.0], [1.0, nan, 2.0, nan]], dtype=np.float32)
    assert varying(features).tolist() == [False, False, False, True]


def test_a_history_without_failures_teaches_nothing(table: Table) -> None:
    """And says so, before minutes were spent on a forest that could not be measured."""
    sound = table.where(table.label == 0)
    with pytest.raises(TooFewExamples, match="test"):
        learn(sound, by_time(sound), budget=1.0, recipe=Unused())


class Unused(Recipe):
    """A recipe that nothing is cooked by."""

    def fit(self, table: Table, used: Mask) -> NoReturn:
        raise AssertionError("trained in vain")


def test_a_quiet_quarter_does_not_keep_a_plant_from_its_first_model(table: Table) -> None:
    """Where the newest quarter holds no failure, more of the past is what a model is measured on."""
    start, end = int(table.at_ms.min()), int(table.at_ms.max())
    calm = table.where((table.label == 0) | (table.at_ms < start + 0.6 * (end - start)))
    split = by_time_with_failures(calm, least=1)
    assert calm.label[split.test].any()
    assert split.test.sum() > by_time(calm).test.sum()


def hourly_table(recording: Recording, label: list[int]) -> Table:
    """One machine's hours, a failure after the last row."""
    table = tabulate(recording, describe(recording)).where(np.zeros(0, dtype=np.bool_))
    n = len(label)
    columns = {
        "device": np.zeros(n, dtype=np.int64),
        "at_ms": START_MS + np.arange(n) * HOUR,
        "label": np.array(label),
        "event": np.where(np.array(label) == 1, 0, -1),
        "events": np.array([[0, START_MS + n * HOUR, START_MS + n * HOUR]]),
        "horizon_ms": 24 * HOUR,
        "step_ms": HOUR,
    }
    return Table(**{**table.__dict__, **columns})


def test_an_alarm_that_never_stops_is_worth_nothing(recording: Recording) -> None:
    """It rings again every horizon, and each ring without a failure is a false alarm."""
    table = hourly_table(recording, [0] * 216 + [1] * 24)
    always = measure_alarms(table, np.ones(240), failure_rule(0.5))
    assert (always.caught, always.false_alarms, always.true_alarms) == (1, 9, 1)
    timely = measure_alarms(table, np.r_[np.zeros(230), np.ones(10)], failure_rule(0.5))
    assert (timely.caught, timely.false_alarms, timely.lead_hours) == (1, 0, (10.0,))
    never = measure_alarms(table, np.zeros(240), failure_rule(0.5))
    assert (never.caught, never.false_alarms, never.recall) == (0, 0, 0.0)
    assert never.machine_months == pytest.approx(1 / 3)


def test_the_threshold_keeps_to_its_budget(recording: Recording) -> None:
    """And lies between what it must let pass and what it must not."""
    table = hourly_table(recording, [0] * 216 + [1] * 24)
    p = np.r_[np.zeros(50), np.full(10, 0.4), np.zeros(156), np.full(24, 0.8)]
    assert 0.4 < choose_threshold(table, p, failure_rule, budget=0.0) <= 0.8
    assert choose_threshold(table, p, failure_rule, budget=10.0) < 0.5
    assert choose_threshold(table, 0.1 * p, failure_rule, budget=10.0) == LEAST_THRESHOLD
    assert choose_threshold(table, np.full(240, 0.5), failure_rule, budget=0.0) > 0.5


def test_calibration_error_is_the_distance_between_word_and_truth() -> None:
    """Nought for a forecast that keeps its word."""
    label = np.array([0, 0, 0, 1] * 25)
    assert calibration_error(label, np.full(100, 0.25)) == pytest.approx(0.0)
    assert calibration_error(label, np.full(100, 0.95)) == pytest.approx(0.7)


def test_an_interval_holds_the_measure(table: Table) -> None:
    """Failures are drawn whole, so it is wide where there are few."""
    rows = table.where(by_time(table).test)
    score = np.clip(rows.label + 0.3 * np.random.default_rng(0).normal(size=len(rows)), 0, 1)
    found = bootstrap(rows, score, rounds=50)
    for name, value in asdict(measure_probabilities(rows.label, score)).items():
        low, high = found[name]
        assert low <= value <= high
    one = measure_alarms(rows, score, failure_rule(0.5))
    low, high = bootstrap_alarms(one)["event_recall"]
    assert low <= one.recall <= high


def test_alarms_of_parts_are_counted_together(table: Table) -> None:
    """As if they had been one."""
    rows = table.where(by_time(table).test)
    rule = failure_rule(0.5)
    value = rows.label.astype(np.float64)
    parts = [rows.where(rows.device % 2 == k) for k in (0, 1)]
    apart = pool_alarms([measure_alarms(part, part.label.astype(np.float64), rule) for part in parts])
    whole = measure_alarms(rows, value, rule)
    assert (apart.events, apart.caught, apart.false_alarms) == (whole.events, whole.caught, whole.false_alarms)
    assert apart.machine_months == pytest.approx(whole.machine_months)
    assert sorted(apart.lead_hours) == sorted(whole.lead_hours)


def test_a_split_that_leaks_is_refused(table: Table) -> None:
    """Rows at random, machines that are on both sides at the same time, and a gap that is too short."""
    rng = np.random.default_rng(0)
    good = by_time_with_failures(table)
    for split in (good, by_time(table), *by_machine(table, folds=3, seed=0)):
        check(table, split)
    test = (rng.random(len(table)) < 0.3) & ~table.training_only
    with pytest.raises(LeakySplit, match="cnc-0000"):
        check(table, Split("random", fit=~test, validate=np.zeros_like(test), test=test, past=~test))
    late = table.at_ms >= table.at_ms[good.test].min() - table.horizon_ms // 2
    with pytest.raises(LeakySplit):
        check(table, Split("no gap", fit=~late, validate=np.zeros_like(test), test=good.test, past=~late))


def test_the_test_block_is_as_long_as_it_must_be(table: Table) -> None:
    """For its failures; and never longer than half of the time."""
    few, many, more = (by_time_with_failures(table, least=least) for least in (1, 20, 1000))
    assert few.test.sum() < many.test.sum() <= more.test.sum() < len(table) / 2
    assert len(np.unique(table.event[many.test & (table.event >= 0)])) >= 20


def test_the_whole_way_from_a_recording_to_a_champion(
    recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the command runs it: the file can be loaded with the key, and the report stands beside the baselines."""
    write_recording(tmp_path / "history", recording)
    out = tmp_path / "models" / "failure_model.pkl"
    env = {"ENERGYTRACK_ML_SIGNING_KEY": "key", "ENERGYTRACK_ML_MODEL_FILE": str(out)}
    train_model.main(env, ["--recording", str(tmp_path / "history"), "--jobs", "1"])
    champion = read(out, "key")
    assert champion.card.horizon_hours == 24.0
    assert champion.card.trained_on.name == "made up"
    assert 0 < champion.card.threshold < 1
    pr_auc = champion.card.scores["pr_auc"]
    assert pr_auc is not None
    assert pr_auc > 0.8
    printed = capsys.readouterr().out
    for word in ("random forest", "threshold rule", "prevalence", "machine 1/3", champion.card.version):
        assert word in printed


def test_labelled_stretches_are_recognised_in_seconds(recording: Recording) -> None:
    """A recording with labels in place of failures gets buckets of its own interval, and no horizon."""
    labelled = Recording(**{
        **recording.__dict__,
        "horizon_hours": None,
        "interval_seconds": 1.0,
        "labels": (Label("cnc-0001", NOW, NOW, "abnormal"),),
    })  # fmt: skip
    assert describe(labelled).bucket_seconds == 1.0
    assert tabulate(labelled, describe(recording)).horizon_ms == 0


def test_training_twice_gives_the_same_model(recording: Recording, tmp_path: Path) -> None:
    """The same history, code and time: the same version."""
    made = [
        train_model.train_on(
            recording, tmp_path / f"{n}.pkl", key=None, budget=1.0, clock=ManualClock(NOW), recipe=SMALL
        )[0]
        for n in range(2)
    ]
    assert made[0] == made[1]
