"""The retraining service: runs what is due, one task after the other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import structlog

from energytrack.clock import Clock
from energytrack.running.health import Health
from energytrack.store.learning.runs import Trigger
from energytrack.store.retrying import RetryPolicy
from ml.datasets.stored_history import NoHistory, stored_history, sum_up
from ml.errors import ArtifactMismatch
from ml.measures.drift import CHANGED, Drift
from ml.retraining.drift_watch import look
from ml.retraining.metrics import RetrainingMetrics, RunHistory
from ml.retraining.registry import NoSuchModel
from ml.retraining.retrainer import LEASE, Busy, Retrainer
from ml.retraining.schedule import WeeklySchedule
from ml.settings import RetrainSettings

log = structlog.get_logger(__name__)

Task = Literal["retrain", "look for drift", "sum up"]
RETRY_AFTER: Final = 2 * LEASE
SUM_UP_EVERY: Final = timedelta(hours=24)
REFRESH_SECONDS: Final = 15.0
"""Maximum age of metrics about other processes' runs."""


@dataclass
class RetrainingService:
    """Runs each task when it is due."""

    retrainer: Retrainer
    settings: RetrainSettings
    metrics: RetrainingMetrics
    persist: RetryPolicy
    clock: Clock
    rng: np.random.Generator
    health: Health

    def __post_init__(self) -> None:
        self._refreshed = -REFRESH_SECONDS
        self._drifting = False
        self._due: dict[Task, datetime] = {}
        days = [day.strip() for day in self.settings.days.split(",") if day.strip()]
        self._schedule = WeeklySchedule(days, self.settings.at, self.retrainer.plant.zone) if days else None

    def open(self) -> None:
        """Determine what is due: a missed run, or the very first, immediately; the other tasks too."""
        now = self.clock.now()
        if self._schedule is not None:
            last = self.persist(lambda: self.retrainer.store.runs.last("promoted", "kept", "failed"))
            self._due["retrain"] = self._schedule.next_after(last.started_at) if last else now
        self._due["look for drift"] = self._due["sum up"] = now

    def poll(self) -> bool:
        """Run the next due task; returns whether there was one."""
        if self.clock.monotonic() - self._refreshed >= REFRESH_SECONDS:
            self._refresh()
        now = self.clock.now()
        task = next((task for task, due in self._due.items() if due <= now), None)
        if task is None:
            return False
        self._due[task] = self._next(task, now)  # before it runs: it may be postponed
        with self.health.long_work():
            self._tasks()[task]()
        self._refresh()
        return True

    def retrain(self, trigger: Trigger) -> None:
        """Run retraining; if another run is in progress, or was just interrupted, a scheduled one is retried later."""
        self.metrics.running = True
        try:
            self.persist(lambda: self.retrainer.run(trigger))
        except Busy as error:
            log.info("not retraining now", reason=str(error))
            if trigger == "schedule":
                self._due["retrain"] = self.clock.now() + RETRY_AFTER
        finally:
            self.metrics.running = False

    def look(self) -> None:
        """Check for drift, and retrain if the plant has changed and that was not tried recently."""
        drift = self.persist(self._drift)
        if drift is None:
            return
        self.metrics.drift, self.metrics.looked_at = drift, self.clock.now()
        drifting = drift.share >= self.settings.drift_share or drift.probability >= CHANGED
        if drifting != self._drifting:
            furthest = ", ".join(f"{name} {value:.2f}" for name, value in drift.worst(3))
            log.info(
                "the plant has changed since the model was trained" if drifting else "the plant no longer differs from "
                "what the model was trained on",
                features_changed=f"{drift.share:.0%}", probability_shift=round(drift.probability, 2), furthest=furthest,
            )  # fmt: skip
        self._drifting = drifting
        if drifting and self._rested():
            self.retrain("drift")

    def sum_up(self) -> None:
        """Compute the means of settled days, and delete those that no model needs."""
        retrainer, now, kept = self.retrainer, self.clock.now(), self.settings.history_days

        def act() -> None:
            try:
                sum_up(stored_history(retrainer.store, retrainer.plant, now=now, days=kept), now=now)
            except NoHistory:
                return
            retrainer.store.minutes.drop(before=now - timedelta(days=kept + 1))

        self.persist(act)

    def _tasks(self) -> dict[Task, Callable[[], None]]:
        return {"retrain": lambda: self.retrain("schedule"), "look for drift": self.look, "sum up": self.sum_up}

    def _next(self, task: Task, now: datetime) -> datetime:
        if task == "retrain" and self._schedule is not None:
            return self._schedule.next_after(now + timedelta(seconds=1))  # includes a time that is due this very second
        return now + (timedelta(hours=self.settings.drift_hours) if task == "look for drift" else SUM_UP_EVERY)

    def _drift(self) -> Drift | None:
        retrainer, now = self.retrainer, self.clock.now()
        try:
            champion = retrainer.registry.champion()
            if champion is None:
                return None
            history = stored_history(retrainer.store, retrainer.plant, now=now, days=self.settings.history_days)
        except (ArtifactMismatch, NoSuchModel, NoHistory):
            return None  # the scoring service, and retraining itself, report it
        return look(history, champion, machines=self.settings.drift_machines, rng=self.rng)

    def _rested(self) -> bool:
        """Whether no run began within the pause: a plant that has just changed has too few data yet."""
        last = self.persist(lambda: self.retrainer.store.runs.last("promoted", "kept", "failed"))
        pause = timedelta(hours=self.settings.drift_pause_hours)
        return last is None or self.clock.now() - last.started_at >= pause

    def _refresh(self) -> None:
        self.persist(self.retrainer.registry.settle_once)
        self.metrics.history = self.persist(lambda: RunHistory.of(self.retrainer.store.runs))
        self._refreshed = self.clock.monotonic()
