"""Today's production as metrics, as last worked out; before that, there are none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from control_api.production.rules import kinds_of, machine_totals
from control_api.production.service import ProductionService
from energytrack.ledger.local_days import utc
from energytrack.production.machine_days import MachineDay
from energytrack.production.oee import Amounts
from energytrack.production.stops import Explained, pareto

DEVICE: Final = ("device_id", "device_type", "line")
KIND: Final = ("device_type", "line")
REASON: Final = ("line", "reason", "planned")
STOP: Final = (*DEVICE, "start", "state")
LISTED: Final = 60
"""Stops without a reason that are listed: each has labels of its own, so their number is limited."""


def _gauge(name: str, explained: str, labels: Sequence[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"energytrack_production_{name}", explained, labels=labels)


class _Ratios:
    """The four ratios, by machine or by kind."""

    def __init__(self, prefix: str, of: str, labels: Sequence[str]) -> None:
        self.oee = _gauge(f"{prefix}oee_ratio", f"Overall equipment effectiveness of {of} today (ISO 22400-2).", labels)
        self.availability = _gauge(
            f"{prefix}availability_ratio",
            f"Running over planned time of {of} today, of the time that is known.",
            labels,
        )
        self.performance = _gauge(
            f"{prefix}performance_ratio", f"Parts of {of} today at the ideal cycle over running time.", labels
        )
        self.quality = _gauge(f"{prefix}quality_ratio", f"Good parts of {of} today over parts.", labels)

    def all(self) -> Sequence[GaugeMetricFamily]:
        return tuple(vars(self).values())

    def add(self, labels: Sequence[str], amounts: Amounts, oee: float | None) -> None:
        for family, value in (
            (self.oee, oee), (self.availability, amounts.availability), (self.performance, amounts.performance),
            (self.quality, amounts.quality),
        ):  # fmt: skip
            if value is not None:
                family.add_metric(labels, value)


class _Families:
    def __init__(self) -> None:
        self.machines = _Ratios("", "a machine", DEVICE)
        self.kinds = _Ratios("kind_", "the machines of one type on one line, weighted by their time,", KIND)
        self.planned = _gauge("planned_seconds", "Planned time of a machine today, planned down time left out.", DEVICE)
        self.running = _gauge("running_seconds", "Planned time of a machine today in which it worked.", DEVICE)
        self.unknown = _gauge("unknown_seconds", "Planned time of today of which nobody knows.", DEVICE)
        self.parts = _gauge("parts", "Parts of today; absent where nobody counts them.", DEVICE)
        self.stops = _gauge("stops", "Stops of today by reason; empty where none was given yet.", REASON)
        self.stop_seconds = _gauge("stop_seconds", "Planned time that these stops took.", REASON)
        self.micro_stops = _gauge("micro_stops", "Micro-stops of a machine today.", DEVICE)
        self.micro_stop_seconds = _gauge("micro_stop_seconds", "Planned time that they took.", DEVICE)
        self.unexplained = _gauge(
            "unexplained_stop_seconds", "The longest of today's stops without a reason, and how long each was.", STOP
        )

    def all(self) -> Iterator[GaugeMetricFamily]:
        yield from self.machines.all()
        yield from self.kinds.all()
        yield from (each for each in vars(self).values() if isinstance(each, GaugeMetricFamily))


@dataclass(frozen=True)
class ProductionCollector(Collector):
    """Reads nothing at a scrape: a background thread works it out."""

    service: ProductionService

    def describe(self) -> Iterator[Metric]:
        """The families, without values."""
        yield from _Families().all()

    def collect(self) -> Iterator[Metric]:
        days, found = self.service.latest, _Families()
        for (device_id, place), amounts in machine_totals(days).items():
            labels = [device_id, place.device_type or "", place.line or ""]
            found.machines.add(labels, amounts, amounts.oee)
            found.planned.add_metric(labels, amounts.planned_seconds)
            found.running.add_metric(labels, amounts.running_seconds)
            found.unknown.add_metric(labels, amounts.unknown_seconds)
            if amounts.known_parts is not None:
                found.parts.add_metric(labels, amounts.known_parts)
        for kind, whole in kinds_of(days, "line").items():
            found.kinds.add([kind.device_type or "", kind.line or ""], whole.amounts, whole.oee)
        for day in days:
            labels = [day.device_id, day.place.device_type or "", day.place.line or ""]
            found.micro_stops.add_metric(labels, day.micro.stops)
            found.micro_stop_seconds.add_metric(labels, day.micro.seconds)
        self._add_losses(days, found)
        self._add_unexplained(days, found)
        yield from found.all()

    def _add_losses(self, days: Sequence[MachineDay], found: _Families) -> None:
        lines: dict[str, list[Explained]] = {}
        for day in days:
            lines.setdefault(day.place.line or "", []).extend(day.stops)
        for line, stops in lines.items():
            for loss in pareto(stops):
                labels = [line, loss.text, "yes" if loss.planned else "no"]
                found.stops.add_metric(labels, loss.stops)
                found.stop_seconds.add_metric(labels, loss.seconds)

    def _add_unexplained(self, days: Sequence[MachineDay], found: _Families) -> None:
        stops = [(day, each.stop) for day in days for each in day.stops if each.reason is None]
        for day, stop in sorted(stops, key=lambda each: -each[1].seconds)[:LISTED]:
            start = utc(stop.start).astimezone(self.service.plant.zone).isoformat(timespec="milliseconds")
            labels = [day.device_id, day.place.device_type or "", day.place.line or "", start, stop.state]
            found.unexplained.add_metric(labels, stop.seconds)
