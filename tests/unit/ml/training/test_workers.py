"""Training where the settings say: here, or on a cluster that is there already."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import joblib
import numpy as np
import pytest

from energytrack.errors import InvalidSettings
from ml.datasets.splits import by_time
from ml.models.estimators import ModelSize, Recipe
from ml.settings import JoblibSettings
from ml.training.learning import learn
from ml.training.workers import ClusterUnavailable, workers
from testkit.builders.recordings import a_worn_recording
from testkit.builders.retraining import describe_and_tabulate


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed: Any = import_module("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp"
    ) as running:
        yield running


def test_without_a_cluster_nothing_is_changed() -> None:
    """joblib's own default."""
    with workers(JoblibSettings()):
        assert "Dask" not in type(joblib.parallel._backend).__name__


@pytest.mark.slow
def test_the_same_forest_grows_on_a_cluster(cluster: Any) -> None:
    """Each tree has its own seed, so where it grows does not matter; and the work was really done there."""
    table = describe_and_tabulate(a_worn_recording(devices=8, hours=320))
    split = by_time(table)
    here = learn(table, split, budget=4.0, recipe=Recipe(size=ModelSize(trees=20)))
    with workers(JoblibSettings(backend="dask", address=cluster.scheduler_address)):
        there = learn(table, split, budget=4.0, recipe=Recipe(size=ModelSize(trees=20), jobs=-1))
    np.testing.assert_allclose(there.measured.probability, here.measured.probability, atol=1e-9)
    seconds = sum(sum(prefix.all_durations.values()) for prefix in cluster.scheduler.task_prefixes.values())
    assert seconds > 0


def test_a_cluster_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than trained without, on a machine that may be too small."""
    monkeypatch.setattr("ml.training.workers.PATIENCE_SECONDS", 0.2)
    with (
        pytest.raises(ClusterUnavailable, match=r"tcp://127\.0\.0\.1:1"),
        workers(JoblibSettings(backend="dask", address="tcp://127.0.0.1:1")),
    ):
        pass


def test_a_backend_needs_an_address() -> None:
    """A client without one would start a cluster of its own on this machine."""
    with pytest.raises(InvalidSettings, match="needed if the backend is a cluster"):
        JoblibSettings.from_env({"ENERGYTRACK_ML_JOBLIB_BACKEND": "dask"})
