"""One retraining run from the lease to the record, and rollbacks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from energytrack.clock import Clock
from energytrack.errors import EnergyTrackError
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.learning.runs import Run, RunReason, Trigger, Verdict
from ml.datasets.stored_history import HORIZON, NoHistory, stored_history
from ml.errors import ArtifactMismatch
from ml.models.card import Card, Champion
from ml.progress import Begin
from ml.retraining.challenge import ALL, ChallengePlan, ChallengeResult, challenge
from ml.retraining.gate import Decision, GateReason
from ml.retraining.registry import ModelRegistry, NoSuchModel
from ml.settings import JoblibSettings
from ml.training.workers import workers

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=90)
RENEW_SECONDS: Final = 20.0
ERROR: Final = "error"


class Busy(EnergyTrackError):
    """Another run is in progress; only one is allowed at a time."""

    def __str__(self) -> str:
        return "another retraining run is in progress; if it was interrupted, its lease ends within 90 s"


@dataclass(frozen=True)
class Retrainer:
    """Retrains, adopts and rolls back models."""

    store: Store
    plant: Plant
    registry: ModelRegistry
    plan: ChallengePlan
    history_days: float
    joblib: JoblibSettings
    clock: Clock
    new_id: Callable[[], str]
    """A ULID."""

    def run(self, trigger: Trigger, *, begin: Begin = lambda _: lambda _: None) -> Run:
        """Build, train, gate, promote; returns the stored record. Raises Busy, StoreUnavailable.

        Any other error is recorded as the run's outcome, and the champion stays.
        """
        started = self.clock.now()
        with self._alone():
            champion = self._incumbent()
            before = champion.card.version if champion else None
            run = partial(self._record, trigger, started, before=before)
            with ExitStack() as undone:
                undone.callback(self._broken_off, run, before)
                try:
                    with workers(self.joblib):
                        result = self._challenge(champion, started, begin)
                    card = self._promote(result)
                except EnergyTrackError as error:
                    log.warning("retraining failed", error=str(error), kind=type(error).__name__)
                    failure = (RunReason(ERROR, type(error).__name__, str(error)),)
                    undone.pop_all()
                    return self._file(run("failed", before, reasons=failure))
                undone.pop_all()
            reasons = tuple(RunReason(reason.why, reason.about, reason.text) for reason in result.decision.reasons)
            verdict: Verdict = "promoted" if card else "kept"
            version = card.version if card else before
            return self._file(run(verdict, version, events=result.decision.events, rows=result.rows, reasons=reasons))

    def adopt(self, file: Path) -> Run:
        """Use a model that was trained by hand; raises ArtifactMismatch, Busy, StoreUnavailable."""
        started = self.clock.now()
        with self._alone():
            before = self.registry.version()
            card = self.registry.adopt(file)
            reason = RunReason(
                "by_hand", card.version, f"trained by hand, and put into use in place of {before or 'no model'}"
            )
            return self._file(self._record("hand", started, "promoted", card.version, before=before, reasons=(reason,)))

    def roll_back(self, version: str | None = None) -> Run:
        """Use an earlier model again; raises NoSuchModel, ArtifactMismatch, Busy, StoreUnavailable."""
        started = self.clock.now()
        with self._alone():
            champion = self._incumbent()
            before = champion.card.version if champion else None
            card = self.registry.roll_back(version)
            reason = RunReason("by_hand", card.version, f"put into use by hand in place of {before or 'no model'}")
            run = self._record("hand", started, "rolled_back", card.version, before=before, reasons=(reason,))
            return self._file(run)

    def _challenge(self, champion: Champion | None, now: datetime, begin: Begin) -> ChallengeResult:
        try:
            ahead = champion.card.horizon_hours if champion else 0.0
            horizon = timedelta(hours=ahead) if ahead else HORIZON
            history = stored_history(self.store, self.plant, now=now, days=self.history_days, horizon=horizon)
            return challenge(history, champion, self.plan, now=now, begin=begin)
        except NoHistory as error:
            return ChallengeResult(Decision(None, 0, (GateReason("no_history", ALL, str(error)),), None, ()))

    def _incumbent(self) -> Champion | None:
        """The champion; None if there is none that this code can use, so that a challenger may replace it."""
        try:
            return self.registry.settle()
        except (ArtifactMismatch, NoSuchModel) as error:
            log.warning("the model in use was refused; challengers are judged without it", detail=str(error))
            return None

    def _promote(self, result: ChallengeResult) -> Card | None:
        if result.trained is None or result.card is None:
            return None
        return self.registry.promote(result.trained.model, result.card)

    def _broken_off(self, run: Callable[..., Run], before: str | None) -> None:
        """Record a run that a bug ended, before the service ends, so that a restart does not repeat it endlessly."""
        self._file(
            run("failed", before, reasons=(RunReason(ERROR, "program", "stopped by a program error; see the log"),))
        )

    def _record(
        self, trigger: Trigger, started: datetime, verdict: Verdict, version: str | None, *, before: str | None,
        events: int = 0, rows: int = 0, reasons: tuple[RunReason, ...],
    ) -> Run:  # fmt: skip
        return Run(
            run_id=self.new_id(), trigger=trigger, started_at=started, finished_at=self.clock.now(), verdict=verdict,
            version=version, before=before, events=events, rows=rows, reasons=reasons,
        )  # fmt: skip

    def _file(self, run: Run) -> Run:
        self.store.runs.add(run)
        words = "; ".join(dict.fromkeys(reason.text for reason in run.reasons))
        log.info("retraining finished", verdict=run.verdict, trigger=run.trigger, version=run.version, reasons=words)
        return run

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lease, and renew it while this process lives; raises Busy."""
        holder = self.new_id()
        if not self.store.runs.take(holder, now=self.clock.now(), lasts=LEASE):
            raise Busy
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(holder, done), daemon=True, name="lease")
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()
            self.store.runs.leave(holder)

    def _renew(self, holder: str, done: threading.Event) -> None:
        while not done.wait(RENEW_SECONDS):
            try:
                self.store.runs.take(holder, now=self.clock.now(), lasts=LEASE)
            except EnergyTrackError as error:
                log.warning("the retraining lease could not be renewed", error=str(error))
