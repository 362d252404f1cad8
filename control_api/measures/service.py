"""Opens, changes and ends measures, and computes their results."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final, Literal

from cachetools import TTLCache

from control_api.auth.identity import Actor
from control_api.baselines.service import BaselineService
from control_api.http.problems import Problem
from control_api.ledger_watch import LedgerWatch
from control_api.measures.rules import Outcome, undone
from control_api.schedules.service import ScheduleService
from energytrack.baselines.comparison import version_for
from energytrack.baselines.watching import Excess, kept_of
from energytrack.bill.imported import ImportedPrices
from energytrack.clock import whole_milliseconds
from energytrack.ledger.local_days import ONE_DAY
from energytrack.store.energy.baselines import Baseline
from energytrack.store.energy.measures import Measure, MeasureChange, Measures
from energytrack.store.operations.schedules import Schedule

KEPT_SECONDS: Final = 600.0
MOST_KEPT: Final = 5000
Deed = Literal["opened", "changed", "ended"]


@dataclass(frozen=True)
class WatchedBaseline:
    """A baseline, and how far the last days are above it."""

    baseline: Baseline
    excess: Excess
    cusum_kwh: float | None
    """Sum of actual minus expected since the baseline period; None where no day counts."""


@dataclass(eq=False)
class MeasureService:
    baselines: BaselineService
    schedules: ScheduleService
    new_id: Callable[[], str]
    prices: ImportedPrices
    outcomes: tuple[Outcome, ...] = ()
    """Of all measures, as last worked out; for metrics."""
    watched: tuple[WatchedBaseline, ...] = ()
    """Of all baselines that are watched, likewise."""
    _kept: TTLCache[tuple[object, ...], Outcome] = field(init=False)
    _sums: dict[tuple[object, ...], float | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._kept = TTLCache(MOST_KEPT, KEPT_SECONDS, timer=self.baselines.clock.monotonic)
        self._watch = LedgerWatch(self.baselines.store, self.prices)

    def open(
        self,
        *,
        name: str,
        baseline: Baseline | None,
        by: Actor,
        note: str,
        start: date,
        device_id: str | None = None,
        recommendation: str | None = None,
        schedule_id: str | None = None,
        restart_schedule_id: str | None = None,
        expected_kwh_per_day: float | None = None,
        expected_cost_per_day: float | None = None,
        cost_of_doing: float | None = None,
    ) -> Measure:
        """Open a measure of any kind; raises Problem."""
        if baseline is not None and start <= baseline.last:
            raise Problem(
                "invalid_request",
                f"The measure has to begin after its baseline period, which ends on {baseline.last}: start is {start}.",
            )
        price = None if baseline is None else baseline.price_per_kwh
        if expected_cost_per_day is None and expected_kwh_per_day is not None and price is not None:
            expected_cost_per_day = expected_kwh_per_day * price
        measure = Measure(
            measure_id=self.new_id(),
            name=name,
            baseline_id=None if baseline is None else baseline.baseline_id,
            device_id=device_id if baseline is None else baseline.device_id,
            recommendation=recommendation,
            schedule_id=schedule_id,
            restart_schedule_id=restart_schedule_id,
            start=start,
            expected_kwh_per_day=expected_kwh_per_day,
            expected_cost_per_day=expected_cost_per_day,
            cost_of_doing=cost_of_doing,
            log=(self._deed("opened", by, note),),
        )
        self._measures.add(measure)
        return measure

    def change(self, measure_id: str, *, by: Actor, note: str, **fields: object) -> Measure:
        """Set its cost, its expected saving or its baseline; raises Problem."""
        before = self.require(measure_id)
        baseline_id = fields.get("baseline_id")
        if isinstance(baseline_id, str):
            self.baselines.require(baseline_id)
            if version_for(self.baselines.store.baselines.versions(baseline_id), before.start) is None:
                raise Problem(
                    "invalid_request", f"No version of this baseline ends before the measure began, on {before.start}."
                )
        return self._changed(measure_id, self._deed("changed", by, note), **fields)

    def end(self, measure_id: str, *, by: Actor, note: str, undo: bool) -> Measure:
        """End it with yesterday; `undo` also deletes its schedules."""
        before = self.require(measure_id)
        for schedule_id in (before.schedule_id, before.restart_schedule_id) if undo else ():
            schedule = None if schedule_id is None else self.schedules.schedules.get(schedule_id)
            if schedule is not None and schedule.state != "deleted":
                self.schedules.change(schedule.schedule_id, "deleted", by)
        last = max(before.start, self.baselines.today()) - ONE_DAY
        return self._changed(measure_id, self._deed("ended", by, note), end=last, state="ended")

    def require(self, measure_id: str) -> Measure:
        """One measure; raises Problem."""
        measure = self._measures.get(measure_id)
        if measure is None:
            raise Problem("unknown_measure", f"There is no measure {measure_id}.")
        return measure

    def all(self) -> Sequence[Outcome]:
        """All measures with their results so far, newest first."""
        self._forget_what_changed()
        schedules = {each.schedule_id: each for each in self.schedules.schedules.all(deleted=True)}
        versions = cache(self._versions)
        return [
            self._outcome(measure, schedules.get(measure.schedule_id or ""), versions(measure.baseline_id))
            for measure in self._measures.all()
        ]

    def outcome(self, measure_id: str) -> Outcome:
        """One measure with its result so far; raises Problem."""
        self._forget_what_changed()
        measure = self.require(measure_id)
        schedule = None if measure.schedule_id is None else self.schedules.schedules.get(measure.schedule_id)
        return self._outcome(measure, schedule, self._versions(measure.baseline_id))

    def look(self) -> None:
        """Compute everything for the metrics."""
        self.outcomes = tuple(self.all())
        watched = []
        for baseline in self.baselines.store.baselines.newest():
            excess = self.baselines.excess(baseline)
            if excess is not None:
                watched.append(WatchedBaseline(baseline, excess, self._cusum(baseline)))
        self.watched = tuple(watched)

    def _forget_what_changed(self) -> None:
        with self._lock:
            if self._watch.has_changed():
                self._kept.clear()
                self._sums.clear()

    def _cusum(self, baseline: Baseline) -> float | None:
        """As of yesterday: it reads all days since the baseline period, so it is computed once a day."""
        last = self.baselines.today() - ONE_DAY
        key = baseline.baseline_id, baseline.version, last, self._watch.seen
        if key not in self._sums:
            if len(self._sums) >= MOST_KEPT:
                self._sums.clear()
            points = self.baselines.against(baseline, baseline.last + ONE_DAY, last).points
            self._sums[key] = points[-1].cusum_kwh if points else None
        return self._sums[key]

    @property
    def _measures(self) -> Measures:
        return self.baselines.store.measures

    def _versions(self, baseline_id: str | None) -> Sequence[Baseline]:
        return () if baseline_id is None else self.baselines.store.baselines.versions(baseline_id)

    def _outcome(self, measure: Measure, schedule: Schedule | None, versions: Sequence[Baseline]) -> Outcome:
        gone = undone(measure, schedule, self.baselines.plant.zone)
        baseline = version_for(versions, measure.start)
        if baseline is None:
            return Outcome(measure, None, None, None, None, gone)
        yesterday = self.baselines.today() - ONE_DAY
        last = yesterday if measure.end is None else min(measure.end, yesterday)
        key = (measure.measure_id, len(measure.log), baseline.version, last, gone, self._watch.seen)
        with self._lock:
            cached = self._kept.get(key)
        if cached is None:
            cached = self._worked_out(measure, baseline, last, gone)
            with self._lock:
                self._kept[key] = cached
        return cached

    def _worked_out(self, measure: Measure, baseline: Baseline, last: date, gone: str | None) -> Outcome:
        if last < measure.start:
            return Outcome(measure, baseline.name, baseline.version, None, None, gone)
        against = self.baselines.against(baseline, measure.start, last)
        kept = kept_of(against.points, expected_kwh_per_day=measure.expected_kwh_per_day or 0.0)
        return Outcome(measure, baseline.name, baseline.version, against.saving, kept, gone)

    def _changed(self, measure_id: str, deed: MeasureChange, **fields: object) -> Measure:
        changed = self._measures.change(measure_id, deed, **fields)
        if changed is None:
            raise Problem("unknown_measure", f"There is no measure {measure_id} that is open.")
        return changed

    def _deed(self, deed: Deed, by: Actor, note: str) -> MeasureChange:
        now = whole_milliseconds(self.baselines.clock.now())
        return MeasureChange(now, deed, by.subject, by.role, by.address, note)
