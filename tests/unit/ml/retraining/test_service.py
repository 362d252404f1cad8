"""What the service does when: on its schedule, where the plant has changed, and not too often."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import NoReturn, TypeVar, cast

import numpy as np
import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.plant import load_plant
from energytrack.running.health import Health
from energytrack.store.learning.runs import Run, Trigger
from energytrack.store.retrying import RetryPolicy
from ml.measures.drift import Drift
from ml.retraining.metrics import RetrainingMetrics
from ml.retraining.registry import NoSuchModel
from ml.retraining.retrainer import Busy, Retrainer
from ml.retraining.service import RetrainingService
from ml.settings import RetrainSettings
from testkit.builders.retraining import ROOT
from testkit.dates import at_plant

_Service = TypeVar("_Service", bound=RetrainingService)

MONDAY = at_plant("mon", "11:00")
CALM = Drift({"temperature": 0.01, "pressure": 0.0}, probability=0.0, rows=900, machines=16)
CHANGED = replace(CALM, features={"temperature": 0.9, "pressure": 0.0})


class RunsInMemory:
    """The records, in memory."""

    def __init__(self) -> None:
        self.all: list[Run] = []

    def last(self, *verdicts: str) -> Run | None:
        return next((run for run in reversed(self.all) if run.verdict in verdicts), None)

    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        return {"kept": len(self.all)}, {}


class Fake:
    """A retrainer that keeps every champion, on a clock that stands still."""

    def __init__(self) -> None:
        self.clock = ManualClock(MONDAY)
        self.runs = RunsInMemory()
        self.store = SimpleNamespace(runs=self.runs)
        self.registry = SimpleNamespace(settle_once=lambda: None)
        self.busy = False
        self.plant = load_plant(ROOT / "plant.toml")

    def run(self, trigger: Trigger) -> Run:
        if self.busy:
            raise Busy
        run = Run(
            run_id=str(len(self.runs.all)), trigger=trigger, started_at=self.clock.now(),
            finished_at=self.clock.now(), verdict="kept", version="v1", before="v1",
        )  # fmt: skip
        self.runs.all.append(run)
        return run


class WatchedRetraining(RetrainingService):
    """A service whose look at the plant is the test's."""

    drift: Drift | None = None
    looks = 0

    def _drift(self) -> Drift | None:
        self.looks += 1
        return self.drift

    def sum_up(self) -> None:
        """Done on a real database in tests/integration."""


@pytest.fixture
def fake() -> Fake:
    return Fake()


def a_service(fake: Fake, env: Mapping[str, str]) -> WatchedRetraining:
    return made(WatchedRetraining, fake, env)


def made(kind: type[_Service], fake: Fake, env: Mapping[str, str]) -> _Service:
    registry = CollectorRegistry()
    return kind(
        cast(Retrainer, fake), RetrainSettings.from_env(env), RetrainingMetrics(registry),
        RetryPolicy(stop=Event(), clock=fake.clock, registry=registry), fake.clock, np.random.default_rng(1),
        Health(fake.clock),
    )  # fmt: skip


@pytest.fixture
def service(fake: Fake) -> WatchedRetraining:
    return a_service(fake, {})


def polled(service: RetrainingService, fake: Fake) -> list[str]:
    """Why it retrained, after everything that was due is done."""
    while service.poll():
        pass
    return [run.trigger for run in fake.runs.all]


def test_the_first_start_retrains_and_looks_for_drift(service: WatchedRetraining, fake: Fake) -> None:
    """All of it at once, and nothing twice."""
    service.open()
    assert polled(service, fake) == ["schedule"]
    assert service.looks == 1
    assert service.metrics.history.verdicts == {"kept": 1}
    assert not service.metrics.running
    assert not service.poll()


def test_what_recurs_keeps_to_the_settings(service: WatchedRetraining, fake: Fake) -> None:
    """Sundays at three by the plant's clock, and twice a day for drift; it begins on a Monday."""
    service.open()
    polled(service, fake)
    retrained: list[datetime] = []
    for _ in range(8 * 24):
        fake.clock.advance(3600)
        if len(polled(service, fake)) > 1 + len(retrained):
            retrained.append(fake.clock.now())
    zone = fake.plant.zone
    assert [f"{moment.astimezone(zone):%a %H}" for moment in retrained] == ["Sun 03"]
    assert service.looks == 1 + 8 * 2


def test_no_day_at_all_means_that_only_drift_starts_a_run(fake: Fake) -> None:
    service = a_service(fake, {"ENERGYTRACK_RETRAIN_DAYS": "never"})
    service.open()
    assert polled(service, fake) == []


@pytest.mark.parametrize(("ago", "runs"), [(timedelta(hours=1), 1), (timedelta(days=8), 2)])
def test_a_later_start_retrains_only_where_a_time_was_missed(
    service: WatchedRetraining, fake: Fake, ago: timedelta, runs: int
) -> None:
    """It begins on a Monday."""
    fake.run("schedule")
    fake.runs.all = [_started(run, MONDAY - ago) for run in fake.runs.all]
    service.open()
    assert len(polled(service, fake)) == runs


def _started(run: Run, at: datetime) -> Run:
    fields = {name: getattr(run, name) for name in run.__struct_fields__}
    return Run(**(fields | {"started_at": at}))


def test_a_plant_that_has_changed_is_learnt_again_but_not_every_time_one_looks(
    service: WatchedRetraining, fake: Fake
) -> None:
    """It may take days until there is enough of the new to learn from."""
    service.drift = CHANGED
    service.look()
    assert [run.trigger for run in fake.runs.all] == ["drift"]
    fake.clock.advance(24 * 3600)
    service.look()
    assert len(fake.runs.all) == 1
    fake.clock.advance(25 * 3600)
    service.look()
    assert len(fake.runs.all) == 2
    assert service.metrics.drift == CHANGED
    assert service.metrics.looked_at == fake.clock.now()


def test_probabilities_that_moved_are_drift_and_a_plant_as_it_was_is_none(
    service: WatchedRetraining, fake: Fake
) -> None:
    """And what is unknown is not shown."""
    service.look()
    service.drift = CALM
    service.look()
    assert fake.runs.all == []
    service.drift = replace(CALM, probability=0.3)
    service.look()
    assert len(fake.runs.all) == 1


def test_a_model_in_use_that_is_not_in_the_registry_ends_nothing(fake: Fake) -> None:
    """As after somebody deleted it from the database: the next run judges without it, and drift is unknown."""

    def champion() -> NoReturn:
        raise NoSuchModel("lost")

    fake.registry.champion = champion
    service = made(RetrainingService, fake, {})
    service.look()
    assert (service.metrics.drift, fake.runs.all) == (None, [])


def test_a_run_under_way_elsewhere_is_left_alone(service: WatchedRetraining, fake: Fake) -> None:
    """Somebody has typed `--now`."""
    fake.busy = True
    service.retrain("drift")
    assert fake.runs.all == []
    assert not service.metrics.running


def test_a_scheduled_run_that_found_another_under_way_comes_a_little_later(
    service: WatchedRetraining, fake: Fake
) -> None:
    """The other may be one that was broken off as this service was restarted, and its lease has not ended yet."""
    fake.busy = True
    service.retrain("schedule")
    fake.busy = False
    service.poll()
    assert fake.runs.all == []
    fake.clock.advance(200)
    service.poll()
    assert [run.trigger for run in fake.runs.all] == ["schedule"]
