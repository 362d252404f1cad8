"""Measures and watched baselines as metrics, as last computed; absent until then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from control_api.measures.rules import Outcome
from control_api.measures.service import MeasureService, WatchedBaseline
from energytrack.ledger.local_days import midnight
from energytrack.machines.power import JOULES_PER_KWH

MEASURE: Final = ("measure_id", "measure", "device_id", "line")
BASELINE: Final = ("baseline_id", "baseline", "device_id", "line")


class _MeasureFamilies:
    """The series of measures that are open."""

    def __init__(self) -> None:
        self.saved = GaugeMetricFamily(
            "energytrack_measure_saved_joules",
            "Energy that a measure saved: expected minus actual. Negative where more was used.",
            labels=MEASURE,
        )
        self.uncertainty = GaugeMetricFamily(
            "energytrack_measure_saved_uncertainty_joules",
            "Half the width of the saving's interval, at 90 % confidence.",
            labels=MEASURE,
        )
        self.cost = GaugeMetricFamily(
            "energytrack_measure_saved_cost",
            "What the saved energy would have cost, in the currency of the contract.",
            labels=MEASURE,
        )
        self.expected = GaugeMetricFamily(
            "energytrack_measure_expected_joules", "What was expected to be saved up to now.", labels=MEASURE
        )
        self.cost_of_doing = GaugeMetricFamily(
            "energytrack_measure_cost_of_doing",
            "What the measure itself cost, once, in the currency of the contract.",
            labels=MEASURE,
        )
        self.proved = GaugeMetricFamily(
            "energytrack_measure_proved", "1 if a saving is proved, 0 if not.", labels=MEASURE
        )
        self.kept = GaugeMetricFamily(
            "energytrack_measure_kept",
            "1 if the measure still holds, 0 if it was undone or the machine is left on.",
            labels=MEASURE,
        )
        self.days = GaugeMetricFamily("energytrack_measure_days", "Days that count.", labels=MEASURE)
        self.start = GaugeMetricFamily(
            "energytrack_measure_start_timestamp_seconds", "Start of the first day that counts.", labels=MEASURE
        )
        self.metered = GaugeMetricFamily(
            "energytrack_measure_metered",
            "1 if the energy is metered (IPMVP option B), 0 if most of it is computed from ratings (option A).",
            labels=MEASURE,
        )
        self.adjusted = GaugeMetricFamily(
            "energytrack_measure_adjusted_joules",
            "Non-routine adjustments of the baseline in what was saved.",
            labels=MEASURE,
        )
        self.broken_days = GaugeMetricFamily(
            "energytrack_measure_broken_days", "Days on which the measure was not kept.", labels=MEASURE
        )

    def all(self) -> Sequence[GaugeMetricFamily]:
        return tuple(vars(self).values())

    def add(self, outcome: Outcome, labels: Sequence[str], zone: ZoneInfo) -> None:
        """Add the series of a measure; unknown values are left out."""
        saving, kept = outcome.saving, outcome.kept
        self.start.add_metric(labels, midnight(outcome.measure.start, zone))
        self.proved.add_metric(labels, float(outcome.is_proved))
        self.kept.add_metric(labels, float(not outcome.is_broken))
        _add(self.cost_of_doing, labels, outcome.measure.cost_of_doing)
        if saving is None:
            return
        _add(self.saved, labels, _joules(saving.kwh))
        _add(self.uncertainty, labels, _joules(saving.half_width_kwh))
        _add(self.cost, labels, saving.cost)
        _add(self.expected, labels, _joules(outcome.expected_kwh))
        _add(self.days, labels, float(saving.days))
        _add(self.metered, labels, float(saving.option == "B") if saving.days else None)
        _add(self.adjusted, labels, _joules(saving.adjusted_kwh))
        _add(self.broken_days, labels, None if kept is None else float(len(kept.broken)))


class _BaselineFamilies:
    """The series of baselines that are watched."""

    def __init__(self) -> None:
        self.actual = GaugeMetricFamily(
            "energytrack_baseline_actual_joules", "Energy of the last week's known days.", labels=BASELINE
        )
        self.expected = GaugeMetricFamily(
            "energytrack_baseline_expected_joules", "What the baseline expects of these days.", labels=BASELINE
        )
        self.excess = GaugeMetricFamily(
            "energytrack_baseline_excess_ratio", "Actual minus expected, over expected energy.", labels=BASELINE
        )
        self.cusum = GaugeMetricFamily(
            "energytrack_baseline_cusum_joules",
            "Sum of actual minus expected energy since the baseline period, up to yesterday.",
            labels=BASELINE,
        )
        self.rising = GaugeMetricFamily(
            "energytrack_baseline_rising",
            "1 if the last days lie above the baseline by more than chance, and by at least 5 %.",
            labels=BASELINE,
        )

    def all(self) -> Sequence[GaugeMetricFamily]:
        return tuple(vars(self).values())

    def add(self, watched: WatchedBaseline, labels: Sequence[str]) -> None:
        excess = watched.excess
        _add(self.actual, labels, _joules(excess.expected_kwh + excess.kwh))
        _add(self.expected, labels, _joules(excess.expected_kwh))
        _add(self.excess, labels, excess.ratio)
        _add(self.cusum, labels, _joules(watched.cusum_kwh))
        _add(self.rising, labels, float(excess.is_rising))


@dataclass(frozen=True)
class MeasureMetricsCollector(Collector):
    """Reads nothing at a scrape: a background thread computes the values."""

    service: MeasureService

    def describe(self) -> Iterator[Metric]:
        """The families, without values."""
        yield from _MeasureFamilies().all()
        yield from _BaselineFamilies().all()

    def collect(self) -> Iterator[Metric]:
        measures, baselines = _MeasureFamilies(), _BaselineFamilies()
        for outcome in self.service.outcomes:
            measure = outcome.measure
            if measure.state == "open":
                labels = [measure.measure_id, measure.name, *self._place(measure.device_id, None)]
                measures.add(outcome, labels, self.service.baselines.plant.zone)
        for each in self.service.watched:
            baseline = each.baseline
            place = self._place(baseline.device_id, baseline.line)
            baselines.add(each, [baseline.baseline_id, baseline.name, *place])
        yield from measures.all()
        yield from baselines.all()

    def _place(self, device_id: str | None, line: str | None) -> tuple[str, str]:
        device = None if device_id is None else self.service.baselines.plant.device(device_id)
        return device_id or "", (line or "") if device is None else device.line


def _joules(kwh: float | None) -> float | None:
    return None if kwh is None else kwh * JOULES_PER_KWH


def _add(family: GaugeMetricFamily, labels: Sequence[str], value: float | None) -> None:
    if value is not None:
        family.add_metric(labels, value)
