"""Today's production as metrics, as last computed; absent until then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from control_api.production.rules import kinds_of, machine_totals
from control_api.production.service import ProductionService
from energytrack.ledger.local_days import utc
from energytrack.plant import Place
from energytrack.production.machine_days import MachineDay
from energytrack.production.oee import Amounts
from energytrack.production.stops import ExplainedStop, pareto

DEVICE: Final = ("device_id", "device_type", "line")
KIND: Final = ("device_type", "line")
REASON: Final = ("device_type", "line", "reason", "planned")
STOP: Final = (*DEVICE, "start", "state")
LISTED: Final = 60
"""Stops without a reason that are listed: each has labels of its own, so their number is limited."""


class _Ratios(NamedTuple):
    """The four ratios, by machine or by kind."""

    oee: GaugeMetricFamily
    availability: GaugeMetricFamily
    performance: GaugeMetricFamily
    quality: GaugeMetricFamily

    def add(self, labels: Sequence[str], amounts: Amounts, oee: float | None) -> None:
        values = (oee, amounts.availability, amounts.performance, amounts.quality)
        for family, value in zip(self, values, strict=True):
            if value is not None:
                family.add_metric(labels, value)


def _of_machines() -> _Ratios:
    return _Ratios(
        GaugeMetricFamily(
            "energytrack_production_oee_ratio",
            "Overall equipment effectiveness of a machine today (ISO 22400-2): availability, performance and quality "
            "multiplied.",
            labels=DEVICE,
        ),
        GaugeMetricFamily(
            "energytrack_production_availability_ratio",
            "Running over planned time of a machine today, of the time that is known.",
            labels=DEVICE,
        ),
        GaugeMetricFamily(
            "energytrack_production_performance_ratio",
            "Parts of a machine today at the ideal cycle, over its running time.",
            labels=DEVICE,
        ),
        GaugeMetricFamily(
            "energytrack_production_quality_ratio", "Good parts of a machine today over parts.", labels=DEVICE
        ),
    )


def _of_kinds() -> _Ratios:
    return _Ratios(
        GaugeMetricFamily(
            "energytrack_production_kind_oee_ratio",
            "Overall equipment effectiveness today of the machines of one type on one line whose own is known, "
            "weighted by their time.",
            labels=KIND,
        ),
        GaugeMetricFamily(
            "energytrack_production_kind_availability_ratio", "Their running over their planned time.", labels=KIND
        ),
        GaugeMetricFamily(
            "energytrack_production_kind_performance_ratio", "Their parts at the ideal cycle, over running time.",
            labels=KIND,
        ),
        GaugeMetricFamily("energytrack_production_kind_quality_ratio", "Their good parts over parts.", labels=KIND),
    )  # fmt: skip


class _Families:
    def __init__(self) -> None:
        self.machines = _of_machines()
        self.kinds = _of_kinds()
        self.planned = GaugeMetricFamily(
            "energytrack_production_planned_seconds",
            "Planned time of a machine today, planned down time left out.",
            labels=DEVICE,
        )
        self.running = GaugeMetricFamily(
            "energytrack_production_running_seconds",
            "Planned time of a machine today in which it worked.",
            labels=DEVICE,
        )
        self.unknown = GaugeMetricFamily(
            "energytrack_production_unknown_seconds", "Planned time of today for which nothing is known.", labels=DEVICE
        )
        self.parts = GaugeMetricFamily(
            "energytrack_production_parts", "Today's parts; absent if nothing counts them.", labels=DEVICE
        )
        self.estimated_parts = GaugeMetricFamily(
            "energytrack_production_estimated_parts",
            "The part of today's parts that was estimated from cycles in the current, not counted.",
            labels=DEVICE,
        )
        self.parts_source = GaugeMetricFamily(
            "energytrack_production_parts_source",
            "1 for each source of the parts of today: counter, events, file, current (estimated).",
            labels=(*DEVICE, "source"),
        )
        self.stops = GaugeMetricFamily(
            "energytrack_production_stops",
            "Today's stops by reason; the reason is empty until one is given.",
            labels=REASON,
        )
        self.stop_seconds = GaugeMetricFamily(
            "energytrack_production_stop_seconds", "Planned time that these stops took.", labels=REASON
        )
        self.micro_stops = GaugeMetricFamily(
            "energytrack_production_micro_stops", "Micro-stops of a machine today.", labels=DEVICE
        )
        self.micro_stop_seconds = GaugeMetricFamily(
            "energytrack_production_micro_stop_seconds", "Planned time that they took.", labels=DEVICE
        )
        self.unexplained = GaugeMetricFamily(
            "energytrack_production_unexplained_stop_seconds",
            "The longest of today's stops without a reason, and how long each was.",
            labels=STOP,
        )

    def all(self) -> Iterator[GaugeMetricFamily]:
        yield from self.machines
        yield from self.kinds
        yield from (each for each in vars(self).values() if isinstance(each, GaugeMetricFamily))


@dataclass(frozen=True)
class ProductionCollector(Collector):
    """Reads nothing at a scrape: a background thread computes the values."""

    service: ProductionService

    def describe(self) -> Iterator[Metric]:
        """The families, without values."""
        yield from _Families().all()

    def collect(self) -> Iterator[Metric]:
        days, families = self.service.latest, _Families()
        for (device_id, place), amounts in machine_totals(days).items():
            labels = [device_id, place.device_type or "", place.line or ""]
            families.machines.add(labels, amounts, amounts.oee)
            families.planned.add_metric(labels, amounts.planned_seconds)
            families.running.add_metric(labels, amounts.running_seconds)
            families.unknown.add_metric(labels, amounts.unknown_seconds)
            if amounts.known_parts is not None:
                families.parts.add_metric(labels, amounts.known_parts)
                families.estimated_parts.add_metric(labels, amounts.estimated_parts)
                for source in amounts.parts_from:
                    families.parts_source.add_metric([*labels, source], 1.0)
        for kind, whole in kinds_of(days, "line").items():
            families.kinds.add([kind.device_type or "", kind.line or ""], whole.amounts, whole.oee)
        for day in days:
            labels = [day.device_id, day.place.device_type or "", day.place.line or ""]
            families.micro_stops.add_metric(labels, day.micro.stops)
            families.micro_stop_seconds.add_metric(labels, day.micro.seconds)
        self._add_losses(days, families)
        self._add_unexplained(days, families)
        yield from families.all()

    def _add_losses(self, days: Sequence[MachineDay], families: _Families) -> None:
        places: dict[Place, list[ExplainedStop]] = {}
        for day in days:
            places.setdefault(day.place, []).extend(day.stood)
        for place, stops in places.items():
            for loss in pareto(stops):
                labels = [place.device_type or "", place.line or "", loss.text, "yes" if loss.planned else "no"]
                families.stops.add_metric(labels, loss.stops)
                families.stop_seconds.add_metric(labels, loss.seconds)

    def _add_unexplained(self, days: Sequence[MachineDay], families: _Families) -> None:
        stops = [(day, each.stop) for day in days for each in day.stops if each.reason is None]
        for day, stop in sorted(stops, key=lambda each: -each[1].seconds)[:LISTED]:
            start = utc(stop.start).astimezone(self.service.plant.zone).isoformat(timespec="milliseconds")
            labels = [day.device_id, day.place.device_type or "", day.place.line or "", start, stop.state]
            families.unexplained.add_metric(labels, stop.seconds)
