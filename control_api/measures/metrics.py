"""Measures and watched baselines as metrics, as last worked out; before that, there are none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from control_api.measures.service import MeasureService

JOULES_PER_KWH: Final = 3_600_000.0
MEASURE: Final = ("measure_id", "measure", "device_id", "line")
BASELINE: Final = ("baseline_id", "baseline", "device_id", "line")
_MEASURES: Final = {
    "saved_joules": "Energy saved by a measure: expected minus actual. Negative where more was used.",
    "saved_uncertainty_joules": "The saving is that much more or less, at 90 % confidence.",
    "saved_cost": "What the saved energy would have cost, in the currency of the contract.",
    "expected_saving_joules": "What was expected to be saved up to now.",
    "cost_of_doing": "What the measure itself cost, once.",
    "proved": "1 if a saving is proved, 0 if not.",
    "kept": "1 if the measure still holds, 0 if it was undone or the machine is left on.",
    "days": "Days that count.",
    "broken_days": "Days on which it was not kept.",
}
_BASELINES: Final = {
    "actual_joules": "Energy of the last week's known days.",
    "expected_joules": "What the baseline expects of these days.",
    "excess_ratio": "Actual minus expected over expected energy.",
    "rising": "1 if the last days lie above the baseline by more than chance, and by 5 % or more.",
}


@dataclass(frozen=True)
class MeasureMetricsCollector(Collector):
    """Reads nothing at a scrape: a background thread works it out."""

    service: MeasureService

    def describe(self) -> Iterator[Metric]:
        """The families, without values."""
        yield from _families("measure", _MEASURES, MEASURE).values()
        yield from _families("baseline", _BASELINES, BASELINE).values()

    def collect(self) -> Iterator[Metric]:
        measures = _families("measure", _MEASURES, MEASURE)
        for outcome in self.service.outcomes:
            measure, saving, kept = outcome.measure, outcome.saving, outcome.kept
            if measure.state != "open":
                continue
            labels = [measure.measure_id, measure.name, *self._place(measure.device_id)]
            values: dict[str, float | None] = {
                "proved": float(outcome.is_proved),
                "kept": float(not outcome.is_broken),
                "cost_of_doing": measure.cost_of_doing,
            }
            if saving is not None:
                expected = measure.expected_kwh_per_day
                values |= {
                    "saved_joules": saving.kwh * JOULES_PER_KWH,
                    "saved_uncertainty_joules": _joules(saving.half_width_kwh),
                    "saved_cost": saving.cost,
                    "expected_saving_joules": _joules(None if expected is None else expected * saving.days),
                    "days": float(saving.days),
                    "broken_days": None if kept is None else float(len(kept.broken)),
                }
            for name, value in values.items():
                if value is not None:
                    measures[name].add_metric(labels, value)
        yield from measures.values()
        baselines = _families("baseline", _BASELINES, BASELINE)
        for each in self.service.watched:
            baseline, excess = each.baseline, each.excess
            device_id, line = self._place(baseline.device_id)
            labels = [baseline.baseline_id, baseline.name, device_id, line or baseline.line or ""]
            baselines["actual_joules"].add_metric(labels, (excess.expected_kwh + excess.kwh) * JOULES_PER_KWH)
            baselines["expected_joules"].add_metric(labels, excess.expected_kwh * JOULES_PER_KWH)
            baselines["excess_ratio"].add_metric(labels, excess.ratio)
            baselines["rising"].add_metric(labels, float(excess.is_rising))
        yield from baselines.values()

    def _place(self, device_id: str | None) -> tuple[str, str]:
        device = None if device_id is None else self.service.baselines.plant.device(device_id)
        return device_id or "", "" if device is None else device.line


def _joules(kwh: float | None) -> float | None:
    return None if kwh is None else kwh * JOULES_PER_KWH


def _families(kind: str, said: dict[str, str], labels: tuple[str, ...]) -> dict[str, GaugeMetricFamily]:
    return {name: GaugeMetricFamily(f"energytrack_{kind}_{name}", words, labels=labels) for name, words in said.items()}
