"""A snapshot as prometheus_client itself renders it, to compare our own renderer with."""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from exporters.machines.fleet import Snapshot
from exporters.machines.state import DeviceState
from exporters.metrics.families import Column, PerDevice, Row


class _Reference(Collector):
    def __init__(self, columns: Sequence[Column], snapshot: Snapshot) -> None:
        self._columns = columns
        self._snapshot = snapshot

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        for column in self._columns:
            kind = CounterMetricFamily if column.family.kind == "counter" else GaugeMetricFamily
            metric = kind(column.family.name, column.family.help, labels=column.family.labels)
            lasting = isinstance(column, PerDevice) and column.lasting
            for state in self._snapshot.known if lasting else self._snapshot.present:
                identity = state.identity
                for values, value in _rows(column, state):
                    metric.add_metric((identity.device_id, identity.device_type, identity.line, *values), value)
            yield metric


def _rows(column: Column, state: DeviceState) -> Sequence[Row]:
    if isinstance(column, PerDevice):
        value = column.value(state)
        return () if value is None else (((), value),)
    shown = column.pick(state)
    return () if shown is None else column.rows(shown)


def reference(columns: Sequence[Column], snapshot: Snapshot) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Reference(columns, snapshot))
    return generate_latest(registry)


def parsed(page: bytes) -> dict[tuple[str, str, str], dict[tuple[str, tuple[tuple[str, str], ...]], float]]:
    """Name, type and help of each family, and its samples by name and labels."""
    return {
        (family.name, family.type, family.documentation): {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in family.samples
        }
        for family in text_string_to_metric_families(page.decode())
    }
