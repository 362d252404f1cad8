"""Plant meters as series of the ledger: amounts, unmetered rest, base load at night.

Samples have the same times as those of machines (`exporters.ledger.series`). The rest covers the quarter hours for
which both sides are known; without any, there is no sample.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant
from energytrack.plant_meters.balance import MeterDay, balance, base_load
from energytrack.plant_meters.reading import PlantMeterReader
from energytrack.samples import Series
from energytrack.store import Store
from exporters.ledger.remote_read import Question
from exporters.metrics.families import Family

LABELS: Final = ("meter", "medium", "unit", "source")
_MEANINGS: Final = {
    "used": "What a plant meter counted, in its own unit.",
    "below": "What the meters and machines directly below it used, where both sides are known.",
    "rest": "What nothing below it meters, where both sides are known; negative if those below count more.",
    "compared_ratio": "Share of the day of which both sides are known.",
    "base_load": "The lowest hour between midnight and six, in its unit per hour.",
    "rest_base_load": "The same of the rest.",
}

OF_METERS_ALONE: Final = frozenset({"used", "base_load"})
"""These do not need the machines below, which are most of the work."""


def _families(period: str, said: str, names: Iterable[str]) -> dict[str, Family]:
    return {
        name: Family(f"energytrack_ledger_{period}_meter_{name}", "gauge", f"{said}: {_MEANINGS[name]}", LABELS)
        for name in names
    }


METER_DAY: Final = _families("day", "By local day", _MEANINGS)
METER_QUARTER: Final = _families("quarter", "By quarter hour", ("used", "below", "rest"))
METER_FAMILIES: Final = (*METER_DAY.values(), *METER_QUARTER.values())


class MeterSeries:
    """Answers Prometheus' queries about meters."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._plant = plant
        self.reader = PlantMeterReader(store, plant)

    def is_asked_for(self, question: Question, wanted: Mapping[str, Family], meter_id: str, *, source: str) -> bool:
        """Whether a query selects a meter; others need not be read."""
        labels = self._labels(meter_id, source)
        return any(question.asks_for({"__name__": family.name, **labels}) for family in wanted.values())

    def series(
        self, question: Question, wanted: Mapping[str, Family], days: Iterable[MeterDay],
        sample_ms: Callable[[date], int], *, source: str,
    ) -> Iterator[Series]:  # fmt: skip
        """The series of these days that a query selects; `sample_ms` gives the time of a day's sample."""
        samples: dict[tuple[str, str], list[tuple[int, float]]] = {}
        for day in days:
            for name, points in self._samples(day, wanted, sample_ms(day.date)):
                samples.setdefault((day.meter_id, wanted[name].name), []).extend(points)
        for (meter_id, family), points in samples.items():
            labels = {"__name__": family, **self._labels(meter_id, source)}
            inside = [each for each in points if question.start_ms <= each[0] <= question.end_ms]
            if inside and question.asks_for(labels):
                yield Series(labels, sorted(inside))

    def _samples(
        self, day: MeterDay, wanted: Mapping[str, Family], at_ms: int
    ) -> Iterator[tuple[str, list[tuple[int, float]]]]:
        """A day's samples by family: one at `at_ms`, or one at the end of each quarter hour."""
        by_day = {name for name, family in wanted.items() if family is METER_DAY.get(name)}
        whole = _of_day(day, self._plant) if by_day else {}
        for name in wanted:
            if name not in by_day:
                yield name, list(_of_quarters(day, name))
            elif (value := whole[name]) is not None:
                yield name, [(at_ms, value)]

    def _labels(self, meter_id: str, source: str) -> dict[str, str]:
        meter = self._plant.meters[meter_id]
        return {"meter": meter_id, "medium": meter.medium, "unit": meter.measured_in, "source": source}


def _of_day(day: MeterDay, plant: Plant) -> Mapping[str, float | None]:
    whole = balance([day])
    return {
        "used": whole.used,
        "below": whole.below,
        "rest": whole.rest,
        "compared_ratio": None if day.below is None else whole.compared_quarters / len(day.used),
        "base_load": base_load(day, day.used, plant.zone),
        "rest_base_load": base_load(day, day.rest, plant.zone),
    }


def _of_quarters(day: MeterDay, name: str) -> Iterator[tuple[int, float]]:
    amounts = {"used": day.used, "below": day.below, "rest": day.rest}[name]
    for index, value in enumerate(amounts or ()):
        if value is not None:
            yield round((day.start + (index + 1) * QUARTER_SECONDS) * 1000), value
