"""Retraining as it is put together."""

import os
import threading
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.plant import load_plant
from energytrack.running.health import Health
from energytrack.store.retrying import RetryPolicy
from ml.retraining.composition import build, build_service
from ml.retraining.retrainer import Retrainer
from ml.settings import JoblibSettings, MlSettings, RetrainSettings
from testkit.builders.control import a_store
from testkit.builders.messages import NOW
from testkit.builders.retraining import ROOT

CLOCK = ManualClock(NOW)


def a_retrainer(tmp_path: Path, *, joblib: JoblibSettings | None = None, **settings: object) -> Retrainer:
    """At an address where nobody is: nothing connects while it is put together."""
    return build(
        a_store("mongodb://127.0.0.1:9", "nowhere"),
        load_plant(ROOT / "plant.toml"),
        ml=MlSettings(model_file=tmp_path / "model.pkl", false_alarms=2.5),
        settings=RetrainSettings.model_validate(settings),
        joblib=joblib or JoblibSettings(),
        clock=CLOCK,
    )


def test_the_gate_and_the_table_are_as_the_settings_say(tmp_path: Path) -> None:
    retrainer = a_retrainer(tmp_path, rows=5000, least_events=7, history_days=30)
    assert (retrainer.plan.terms.false_alarms, retrainer.plan.terms.least_events) == (2.5, 7)
    assert (retrainer.plan.rows, retrainer.history_days) == (5000, 30)
    assert retrainer.plan.prices == retrainer.plant.alarm_costs


CLUSTER = JoblibSettings(backend="dask", address="tcp://cluster:8786")


@pytest.mark.parametrize(
    ("jobs", "joblib", "expected"), [(3, None, 3), (-1, None, os.cpu_count() or 1), (-1, CLUSTER, -1)]
)
def test_training_takes_the_cores_of_this_machine_or_the_whole_cluster(
    tmp_path: Path, jobs: int, joblib: JoblibSettings | None, expected: int
) -> None:
    assert a_retrainer(tmp_path, jobs=jobs, joblib=joblib).plan.jobs == expected


def test_records_have_ids_that_sort_by_time(tmp_path: Path) -> None:
    retrainer = a_retrainer(tmp_path)
    first = retrainer.new_id()
    CLOCK.advance(1)
    assert retrainer.new_id() > first


def test_the_service_counts_in_the_registry_that_it_is_given(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    persist = RetryPolicy(stop=threading.Event(), clock=CLOCK, registry=registry)
    service = build_service(
        a_retrainer(tmp_path), RetrainSettings(), persist=persist, registry=registry, health=Health(CLOCK)
    )
    assert service.clock is CLOCK
    assert registry.get_sample_value("energytrack_retraining_running") == 0
