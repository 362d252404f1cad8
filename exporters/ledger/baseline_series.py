"""Approved baselines as series of the ledger: actual and expected energy of each day.

There is no sample for the baseline's own period, for a day that is not over, or for a day whose energy or variables are
unknown. Samples have the same times as those of machines (`exporters.ledger.series`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from energytrack.baselines.comparison import boundary_of
from energytrack.baselines.course import Point, course_of
from energytrack.baselines.reading import Observations
from energytrack.baselines.validity import grade_of
from energytrack.clock import Clock
from energytrack.ledger.local_days import ONE_DAY, date_at
from energytrack.plant import Place, Plant
from energytrack.samples import Series
from energytrack.store import Store
from energytrack.store.energy.baselines import Baseline
from exporters.ledger.remote_read import QueryTooLarge, Question
from exporters.metrics.families import Family

LABELS: Final = ("baseline_id", "baseline", "device_id", "device_type", "line", "grade", "source")
KEPT_SECONDS: Final = 900.0
"""A panel queries every minute, and days that are over seldom change."""
MOST_KEPT: Final = 256
MOST_DAYS: Final = 10_000
"""Machines times days that one query may cover, for each baseline: a month of 300 machines."""
BASELINE_DAY: Final[Mapping[str, Family]] = {
    name: Family(f"energytrack_ledger_day_baseline_{name}", "gauge", f"By local day: {meaning}", LABELS)
    for name, meaning in {
        "actual_kwh": "What was used within an approved baseline's boundary and hours.",
        "expected_kwh": "What the baseline expects of that day, adjustments included.",
        "in_range": "1 if the day's variables lie in the range of the baseline period, else 0.",
    }.items()
}
_VALUES: Final[Mapping[str, Callable[[Point], float]]] = {
    "actual_kwh": lambda point: point.actual_kwh,
    "expected_kwh": lambda point: point.expected_kwh,
    "in_range": lambda point: float(point.in_range),
}
_Key = tuple[str, int, date, date]


class BaselineSeries:
    """Answers Prometheus' queries about baselines."""

    def __init__(self, store: Store, plant: Plant, clock: Clock) -> None:
        self._store = store
        self._plant = plant
        self._clock = clock
        self._observations = Observations(store, plant)
        self._kept: dict[_Key, tuple[float, tuple[Point, ...]]] = {}

    def series(
        self, question: Question, wanted: Mapping[str, Family], first: date, last: date,
        sample_ms: Callable[[date], int], *, source: str,
    ) -> Iterator[Series]:  # fmt: skip
        """The series of these days that a query selects; `sample_ms` gives the time of a day's sample.

        Raises QueryTooLarge.
        """
        today = date_at(self._clock.now().timestamp(), self._plant.zone)
        for baseline in self._approved():
            labels = self._labels(baseline, source)
            requested = {
                name: family.name
                for name, family in wanted.items()
                if question.asks_for({"__name__": family.name, **labels})
            }
            since, until = max(first, baseline.last + ONE_DAY), min(last, today - ONE_DAY)
            points = self._course(baseline, since, until) if requested and since <= until else ()
            for name, family_name in requested.items():
                samples = [(sample_ms(point.day), _VALUES[name](point)) for point in points]
                inside = [each for each in samples if question.start_ms <= each[0] <= question.end_ms]
                if inside:
                    yield Series({"__name__": family_name, **labels}, sorted(inside))

    def _approved(self) -> Iterator[Baseline]:
        """The newest approved version of each baseline that is not retired."""
        for newest in self._store.baselines.newest():
            versions: Sequence[Baseline] = [newest]
            if newest.approved_by is None and newest.version > 1:
                versions = self._store.baselines.versions(newest.baseline_id)
            approved = next((each for each in versions if each.approved_by is not None), None)
            if approved is not None:
                yield approved

    def _course(self, baseline: Baseline, first: date, last: date) -> tuple[Point, ...]:
        key = baseline.baseline_id, baseline.version, first, last
        now = self._clock.monotonic()
        machines = 1 if baseline.device_id is not None else len(self._store.devices.ids())
        days = (last - first).days + 1
        if machines * days > MOST_DAYS:
            raise QueryTooLarge(f"a baseline of {machines} machines and {days} days is too much for one response")
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        used = self._observations.used(boundary_of(baseline), first, last)
        table = self._observations.table(used, baseline.fit.variables, first, last)
        points = course_of(baseline.fit, table, baseline.adjustments)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[key] = now, points
        return points

    def _labels(self, baseline: Baseline, source: str) -> dict[str, str]:
        place = Place(baseline.device_type, baseline.line)
        if baseline.device_id is not None:
            place = self._plant.place(baseline.device_id)
        return {
            "baseline_id": baseline.baseline_id, "baseline": baseline.name, "device_id": baseline.device_id or "",
            "device_type": place.device_type or "", "line": place.line or "",
            "grade": grade_of(baseline.checks), "source": source,
        }  # fmt: skip
