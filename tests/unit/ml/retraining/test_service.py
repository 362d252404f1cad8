"""What the service does when: on its timetable, where the plant has changed, and not too often."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.plant import load_plant
from energytrack.store.learning.runs import Run, Trigger
from energytrack.store.retrying import RetryPolicy
from ml.measures.drift import Drift
from ml.retraining.metrics import RetrainingMetrics
from ml.retraining.retrainer import Busy, Retrainer
from ml.retraining.schedule import Timetable
from ml.retraining.service import RetrainingService
from ml.settings import RetrainSettings
from testkit.builders import NOW
from testkit.retrain_builders import ROOT

CALM = Drift({"temperature": 0.01, "pressure": 0.0}, probability=0.0, rows=900, machines=16)
CHANGED = replace(CALM, features={"temperature": 0.9, "pressure": 0.0})


class Runs:
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
        self.clock = ManualClock(NOW)
        self.runs = Runs()
        self.store = SimpleNamespace(runs=self.runs)
        self.busy = False

    def run(self, trigger: Trigger) -> Run:
        if self.busy:
            raise Busy
        run = Run(
            run_id=str(len(self.runs.all)), trigger=trigger, started_at=self.clock.now(),
            finished_at=self.clock.now(), verdict="kept", version="v1", before="v1",
        )  # fmt: skip
        self.runs.all.append(run)
        return run


class Watched(RetrainingService):
    """A desk whose look at the plant is the test's."""

    seen: Drift | None = None

    def _drift(self) -> Drift | None:
        return self.seen

    def sum_up(self) -> None:
        """Done on a real database in tests/integration."""


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def desk(fake: Fake) -> Watched:
    registry = CollectorRegistry()
    return Watched(
        cast(Retrainer, fake), RetrainSettings.from_env({}), RetrainingMetrics(registry),
        RetryPolicy(stop=Event(), clock=fake.clock, registry=registry), fake.clock, np.random.default_rng(1),
    )  # fmt: skip


class Quiet(Timetable):
    """Remembers what it was asked for, and calls nobody."""

    def __init__(self) -> None:
        super().__init__(load_plant(Path(ROOT / "plant.toml")).zone)
        self.weeks: list[tuple[tuple[str, ...], str]] = []
        self.intervals: list[timedelta] = []

    def weekly(self, days: Any, at: str, call: Callable[[], Any]) -> None:
        self.weeks.append((tuple(days), at))

    def every(self, interval: timedelta, call: Callable[[], Any]) -> None:
        self.intervals.append(interval)


def turns(desk: RetrainingService, fake: Fake) -> list[str]:
    """Why it retrained, after all wishes were taken up."""
    for _ in range(3):
        desk.update()
    return [run.trigger for run in fake.runs.all]


def test_the_first_start_retrains_and_looks_and_keeps_to_the_settings(desk: Watched, fake: Fake) -> None:
    """Sundays at three, and twice a day for drift."""
    timetable = Quiet()
    desk.open(timetable)
    assert (timetable.weeks, timetable.intervals) == ([(("sun",), "03:00")], [timedelta(hours=12), timedelta(hours=24)])
    assert turns(desk, fake) == ["schedule"]
    assert desk.facts.past.verdicts == {"kept": 1}
    assert not desk.facts.running


@pytest.mark.parametrize(("ago", "runs"), [(timedelta(hours=1), 1), (timedelta(days=8), 2)])
def test_a_later_start_retrains_only_where_a_time_was_missed(
    desk: Watched, fake: Fake, ago: timedelta, runs: int
) -> None:
    """NOW is a Monday."""
    fake.run("schedule")
    fake.runs.all = [_started(run, NOW - ago) for run in fake.runs.all]
    desk.open(Quiet())
    assert len(turns(desk, fake)) == runs


def _started(run: Run, at: datetime) -> Run:
    fields = {name: getattr(run, name) for name in run.__struct_fields__}
    return Run(**(fields | {"started_at": at}))


def test_a_plant_that_has_changed_is_learnt_again_but_not_every_time_one_looks(desk: Watched, fake: Fake) -> None:
    """It may take days until there is enough of the new to learn from."""
    desk.seen = CHANGED
    desk.look()
    assert [run.trigger for run in fake.runs.all] == ["drift"]
    fake.clock.advance(24 * 3600)
    desk.look()
    assert len(fake.runs.all) == 1
    fake.clock.advance(25 * 3600)
    desk.look()
    assert len(fake.runs.all) == 2
    assert desk.facts.drift == CHANGED
    assert desk.facts.looked_at == fake.clock.now()


def test_probabilities_that_moved_are_drift_and_a_plant_as_it_was_is_none(desk: Watched, fake: Fake) -> None:
    """And what cannot be told is not shown."""
    desk.look()
    desk.seen = CALM
    desk.look()
    assert fake.runs.all == []
    desk.seen = replace(CALM, probability=0.3)
    desk.look()
    assert len(fake.runs.all) == 1


def test_a_run_under_way_elsewhere_is_left_alone(desk: Watched, fake: Fake) -> None:
    """Somebody has typed `--now`."""
    fake.busy = True
    desk.retrain("drift")
    assert fake.runs.all == []
    assert not desk.facts.running


def test_a_scheduled_run_that_found_another_under_way_comes_a_little_later(desk: Watched, fake: Fake) -> None:
    """The other may be one that was broken off as this service was restarted, and its lease has not ended yet."""
    fake.busy = True
    desk.retrain("schedule")
    fake.busy = False
    desk.update()
    assert fake.runs.all == []
    fake.clock.advance(200)
    desk.update()
    assert [run.trigger for run in fake.runs.all] == ["schedule"]
