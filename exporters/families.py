"""What a metric family is: the words and functions that the page, the documentation and the tests share."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Literal, TypeVar

from msgspec import Struct
from prometheus_client.core import GaugeMetricFamily

from exporters.state import DeviceState

DEVICE_LABELS: Final = ("device_id", "device_type", "line")

Key = TypeVar("Key")
Row = tuple[tuple[str, ...], float]
"""The values of a sample's own labels, and the sample's value."""


class Family(Struct, frozen=True):
    """One metric family as /metrics, its documentation and its tests see it."""

    name: str
    """As it is queried: a counter's ends in `_total`, and the unit is in the name."""
    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...]


class PerDevice(Struct, frozen=True):
    """A family with at most one sample per device."""

    family: Family
    value: Callable[[DeviceState], float | None]
    """The sample; None where there is none."""
    lasting: bool = False
    """Whether it stays when the device has left, until the device is forgotten."""


class PerDeviceAndLabel(Struct, Generic[Key], frozen=True):
    """A family with several samples per device, told apart by labels of their own.

    What the samples are made of is picked from the state first; as long as that is the very same object, the page
    reuses the lines it made of it before.
    """

    family: Family
    pick: Callable[[DeviceState], Key | None]
    rows: Callable[[Key], tuple[Row, ...]]


Column = PerDevice | PerDeviceAndLabel[Any]


def gauge(name: str, explained: str, *labels: str) -> Family:
    """A family of values that go up and down, labelled by device and by `labels`."""
    return Family(f"energytrack_device_{name}", "gauge", explained, DEVICE_LABELS + labels)


def counter(name: str, explained: str, *labels: str) -> Family:
    """A family of values that only grow, labelled by device and by `labels`."""
    return Family(f"energytrack_device_{name}_total", "counter", explained, DEVICE_LABELS + labels)


def filled(family: Family, samples: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
    """A small family of gauges for prometheus_client to render: samples by the values of the family's labels."""
    metric = GaugeMetricFamily(family.name, family.help, labels=family.labels)
    for labels, value in samples.items():
        metric.add_metric(labels, value)
    return metric
