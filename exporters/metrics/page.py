"""The page of all devices in Prometheus' text format, fast enough for 10,000 of them.

prometheus_client formats each label string again for each sample at each scrape. Here the start of a line is formatted
once per device, and whole blocks of lines are reused while the values behind them are unchanged.
"""

import threading
from collections.abc import Sequence
from typing import Any, Final

from exporters.machines.fleet import Snapshot
from exporters.machines.state import DeviceLabels, DeviceState
from exporters.metrics.families import DEVICE_LABELS, Column, Family, PerDevice, PerDeviceAndLabel

_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class MetricsPage:
    """Renders snapshots, and caches what does not change between them."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._writers = [
            _LineWriter(column) if isinstance(column, PerDevice) else _BlockWriter(column) for column in columns
        ]
        self._labels: dict[str, tuple[DeviceLabels, str]] = {}
        self._lock = threading.Lock()

    def render(self, snapshot: Snapshot) -> bytes:
        """The page in UTF-8; one caller at a time."""
        with self._lock:
            labels = self._labels_of(snapshot.known)
            present = [self._labels[state.identity.device_id][1] for state in snapshot.present]
            parts = [
                writer.write(snapshot.known, labels)
                if isinstance(column, PerDevice) and column.lasting
                else writer.write(snapshot.present, present)
                for column, writer in zip(self._columns, self._writers, strict=True)
            ]
            return "".join(parts).encode()

    def _labels_of(self, states: Sequence[DeviceState]) -> list[str]:
        """The label text of each device: the identical string while its labels are unchanged."""
        kept: dict[str, tuple[DeviceLabels, str]] = {}
        for state in states:
            identity = state.identity
            held = self._labels.get(identity.device_id)
            if held is None or held[0] is not identity:
                values = (identity.device_id, identity.device_type, identity.line)
                held = (identity, _pairs(DEVICE_LABELS, values))
            kept[identity.device_id] = held
        self._labels = kept
        return [text for _, text in kept.values()]


class _LineWriter:
    """Renders one line per device."""

    def __init__(self, column: PerDevice) -> None:
        self._name = column.family.name
        self._head = _head(column.family)
        self._value = column.value
        self._labels: list[str] = []
        self._starts: list[str] = []

    def write(self, states: Sequence[DeviceState], labels: list[str]) -> str:
        if labels != self._labels:
            self._labels = labels
            self._starts = [f"{self._name}{{{text}}} " for text in labels]
        value_of = self._value
        lines = [
            f"{start}{value}\n"
            for start, state in zip(self._starts, states, strict=True)
            if (value := value_of(state)) is not None
        ]
        return self._head + "".join(lines)


class _BlockWriter:
    """Renders several lines per device, again only when the object behind them changed."""

    def __init__(self, column: PerDeviceAndLabel[Any]) -> None:
        self._column = column
        self._head = _head(column.family)
        self._own_labels = column.family.labels[len(DEVICE_LABELS) :]
        self._blocks: dict[str, tuple[object, str]] = {}

    def write(self, states: Sequence[DeviceState], labels: list[str]) -> str:
        pick = self._column.pick
        kept: dict[str, tuple[object, str]] = {}
        for text, state in zip(labels, states, strict=True):
            shown = pick(state)
            if shown is None:
                continue
            held = self._blocks.get(text)
            if held is None or held[0] is not shown:
                held = (shown, self._block(text, shown))
            kept[text] = held
        self._blocks = kept
        return self._head + "".join([block for _, block in kept.values()])

    def _block(self, text: str, shown: object) -> str:
        name = self._column.family.name
        return "".join(
            f"{name}{{{text},{_pairs(self._own_labels, values)}}} {value}\n"
            for values, value in self._column.rows(shown)
        )


def _head(family: Family) -> str:
    explained = family.help.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {family.name} {explained}\n# TYPE {family.name} {family.kind}\n"


def _pairs(names: Sequence[str], values: Sequence[str]) -> str:
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in zip(names, values, strict=True))
