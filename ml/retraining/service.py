"""The service's loop as turns: what is due is done, one thing after the other, and told."""

import queue
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

import numpy as np
import structlog

from energytrack.clock import Clock
from energytrack.health import Health
from energytrack.store.learning.runs import Trigger
from energytrack.store.retrying import RetryPolicy
from ml.datasets.stored_history import NoHistory, stored_history, sum_up
from ml.errors import ArtifactMismatch
from ml.measures.drift import CHANGED, Drift
from ml.retraining.drift_watch import look
from ml.retraining.metrics import RetrainingMetrics, RunHistory
from ml.retraining.retrainer import LEASE, Busy, Retrainer
from ml.retraining.schedule import Timetable
from ml.settings import RetrainSettings

log = structlog.get_logger(__name__)

Wish = Literal["schedule", "look", "sum_up"]
TURN_SECONDS: Final = 1.0
LATER: Final = 2 * LEASE
SUM_UP_EVERY: Final = timedelta(hours=24)
REFRESH_SECONDS: Final = 15.0
"""How old the metrics may be of what others did."""


@dataclass
class RetrainingService:
    """Where the timetable leaves its wishes, and where they are taken up."""

    retrainer: Retrainer
    settings: RetrainSettings
    facts: RetrainingMetrics
    persist: RetryPolicy
    clock: Clock
    rng: np.random.Generator
    health: Health = field(default_factory=Health)

    def __post_init__(self) -> None:
        self._wishes: queue.SimpleQueue[Wish] = queue.SimpleQueue()
        self._refreshed = -REFRESH_SECONDS
        self._drifting = False
        self._postponed: float | None = None

    def open(self, timetable: Timetable) -> None:
        """Put what recurs on the timetable; a run that was missed, or the very first, is due at once."""
        days = [day.strip() for day in self.settings.days.split(",") if day.strip()]
        if days:
            timetable.weekly(days, self.settings.at, self._wishing("schedule"))
            last = self.persist(lambda: self.retrainer.store.runs.last("promoted", "kept", "failed"))
            now = self.clock.now()
            if last is None or timetable.missed(days, self.settings.at, since=last.started_at, now=now):
                self._wishes.put("schedule")
        timetable.every(timedelta(hours=self.settings.drift_hours), self._wishing("look"))
        timetable.every(SUM_UP_EVERY, self._wishing("sum_up"))
        self._wishes.put("look")
        self._wishes.put("sum_up")

    def update(self) -> None:
        """Do the next thing that is due, or wait a moment for one."""
        if self.clock.monotonic() - self._refreshed >= REFRESH_SECONDS:
            self._refresh()
        if self._postponed is not None and self.clock.monotonic() >= self._postponed:
            self._postponed = None
            self._wishes.put("schedule")
        try:
            wish = self._wishes.get(timeout=TURN_SECONDS)
        except queue.Empty:
            return
        with self.health.long_work():
            if wish == "schedule":
                self.retrain("schedule")
            elif wish == "look":
                self.look()
            else:
                self.sum_up()
        self._refresh()

    def retrain(self, trigger: Trigger) -> None:
        """One run; where another is under way, or was broken off just now, the schedule's turn comes a little later."""
        self.metrics.running = True
        try:
            self.persist(lambda: self.retrainer.run(trigger))
        except Busy as error:
            log.info("not retraining now", reason=str(error))
            if trigger == "schedule":
                self._postponed = self.clock.monotonic() + LATER.total_seconds()
        finally:
            self.metrics.running = False

    def look(self) -> None:
        """Look for drift, and retrain where the plant has changed and that was not tried lately."""
        drift = self.persist(self._drift)
        if drift is None:
            return
        self.metrics.drift, self.metrics.looked_at = drift, self.clock.now()
        drifting = drift.share >= self.settings.drift_share or drift.probability >= CHANGED
        if drifting != self._drifting:
            worst = ", ".join(f"{name} {value:.2f}" for name, value in drift.worst(3))
            told = {"features": round(drift.share, 2), "probability": round(drift.probability, 2), "worst": worst}
            log.info("the plant has changed" if drifting else "the plant is as the model knows it again", **told)
        self._drifting = drifting
        if drifting and self._rested():
            self.retrain("drift")

    def sum_up(self) -> None:
        """Have settled days summed up, and let go of those that no model looks back on."""
        retrainer, now, kept = self.retrainer, self.clock.now(), self.settings.history_days

        def act() -> None:
            try:
                sum_up(stored_history(retrainer.store, retrainer.plant, now=now, days=kept), now=now)
            except NoHistory:
                return
            retrainer.store.minutes.drop(before=now - timedelta(days=kept + 1))

        self.persist(act)

    def _drift(self) -> Drift | None:
        retrainer, now = self.retrainer, self.clock.now()
        try:
            champion = retrainer.registry.champion()
            if champion is None:
                return None
            history = stored_history(retrainer.store, retrainer.plant, now=now, days=self.settings.history_days)
        except (ArtifactMismatch, NoHistory):
            return None  # whoever scores, and retraining itself, say so
        return look(history, champion, machines=self.settings.drift_machines, rng=self.rng)

    def _rested(self) -> bool:
        """Whether no run began within the pause: a plant that has just changed has too little to learn from yet."""
        last = self.persist(lambda: self.retrainer.store.runs.last("promoted", "kept", "failed"))
        pause = timedelta(hours=self.settings.drift_pause_hours)
        return last is None or self.clock.now() - last.started_at >= pause

    def _refresh(self) -> None:
        self.metrics.past = self.persist(lambda: RunHistory.of(self.retrainer.store.runs))
        self._refreshed = self.clock.monotonic()

    def _wishing(self, wish: Wish) -> Callable[[], None]:
        return lambda: self._wishes.put(wish)
