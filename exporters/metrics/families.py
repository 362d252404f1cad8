"""Metric families: definitions that the page, the documentation and the tests share."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

from msgspec import Struct
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:  # the service that watches the supervisor has families, and no machines: a second of imports
    from exporters.machines.state import DeviceState

DEVICE_LABELS: Final = ("device_id", "device_type", "line")

Key = TypeVar("Key")
Row = tuple[tuple[str, ...], float]
"""The values of a sample's own labels, and the sample's value."""


class Family(Struct, frozen=True):
    """The definition of one metric family, for /metrics, the documentation and the tests."""

    name: str
    """The name used in queries: with the unit, and for a counter with `_total`."""
    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...]


class PerDevice(Struct, frozen=True):
    """A family with at most one sample per device."""

    family: Family
    value: "Callable[[DeviceState], float | None]"
    """The sample; None if there is none."""
    lasting: bool = False
    """Whether the sample stays after the device fell silent, until the device is forgotten."""


class PerDeviceAndLabel(Struct, Generic[Key], frozen=True):
    """A family with several samples per device, distinguished by additional labels.

    `pick` selects the part of the state that the samples are computed from; while that is the identical object, the
    page reuses the lines it rendered before.
    """

    family: Family
    pick: "Callable[[DeviceState], Key | None]"
    rows: Callable[[Key], tuple[Row, ...]]


Column = PerDevice | PerDeviceAndLabel[Any]


def gauge(name: str, explained: str, *labels: str) -> Family:
    """A gauge, labelled by device and by `labels`."""
    return Family(f"energytrack_device_{name}", "gauge", explained, DEVICE_LABELS + labels)


def counter(name: str, explained: str, *labels: str) -> Family:
    """A counter, labelled by device and by `labels`."""
    return Family(f"energytrack_device_{name}_total", "counter", explained, DEVICE_LABELS + labels)


def plain_gauge(name: str, explained: str, *labels: str) -> Family:
    """A gauge of anything but a single device, by its full name."""
    return Family(name, "gauge", explained, labels)


def filled(family: Family, samples: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily | CounterMetricFamily:
    """A small family that prometheus_client renders: samples by the values of the family's labels."""
    make = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = make(family.name, family.help, labels=family.labels)
    for labels, value in samples.items():
        metric.add_metric(labels, value)
    return metric
