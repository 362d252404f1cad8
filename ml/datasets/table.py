"""The training table: rows of features with labels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ml.arrays import Integers, Mask, Matrix
from ml.features.spec import FeatureSpec

OF_ROWS: Final = ("device", "at_ms", "features", "label", "event", "training_only")
"""The arrays with one entry per row."""


@dataclass(frozen=True, eq=False)
class Table:
    """N rows; the arrays from `device` to `event`, and `young`, have one entry per row."""

    spec: FeatureSpec
    horizon_ms: int
    """How far ahead a failure counts; 0 if labelled ranges are to be recognised while they last."""
    step_ms: int
    """Usual time between two rows of a device; each row represents this much time."""
    devices: tuple[str, ...]
    """The machines' ids, including machines without a row."""
    device_types: tuple[str, ...]
    """The type of each of `devices`."""
    device: Integers
    """[N], the row's machine as its place in `devices`."""
    at_ms: Integers
    """[N], milliseconds since 1970, UTC."""
    features: Matrix
    """[N, features], in the order of the spec's names; NaN if a feature is unknown."""
    label: Integers
    """[N], 1 if a failure follows within the horizon (or the row lies in a labelled range), else 0."""
    event: Integers
    """[N], that failure or range as its row in `events`; -1 if the label is 0."""
    events: Integers
    """[events, 3]: machine (its place in `devices`), when it failed (or the range began), and until when, in ms."""
    training_only: Mask
    """[N], rows for training only: computed from only the last part of the history, or from a verdict "false alarm"."""
    kinds: tuple[str, ...] = ()
    """[events], the kind of each failure or range: its mode, or its state."""
    components: tuple[str, ...] = ()
    """[events], the component that failed; empty if not recorded."""

    def __len__(self) -> int:
        return len(self.at_ms)

    def of_kind(self, kinds: Collection[str]) -> Mask:
        """[N], which rows are before a failure (or in a range) of one of these kinds."""
        among = np.array([kind in kinds for kind in self.kinds] or [False], dtype=np.bool_)
        selected: Mask = (self.event >= 0) & among[np.maximum(self.event, 0)]
        return selected

    def where(self, rows: Mask | Integers) -> "Table":
        """The table with some of its rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in OF_ROWS})

    @staticmethod
    def pool(parts: Sequence["Table"]) -> "Table":
        """Parts of one table (for example folds), joined again in the order of the parts."""
        return replace(parts[0], **_stacked(parts))

    @staticmethod
    def concat(tables: Sequence["Table"]) -> "Table":
        """Tables of different machines with the same features, joined; a row represents the mean of their steps."""
        devices = np.cumsum([0, *(len(table.devices) for table in tables)])  # where each table's machines begin
        events = np.cumsum([0, *(len(table.events) for table in tables)])
        moved = [
            replace(
                table,
                device=table.device + first_device,
                event=np.where(table.event >= 0, table.event + first_event, -1),
                events=table.events + np.array([first_device, 0, 0]),
            )
            for table, first_device, first_event in zip(tables, devices, events, strict=False)
        ]
        rows = sum(map(len, tables))
        return replace(
            moved[0],
            **_stacked(moved),
            horizon_ms=max(table.horizon_ms for table in tables),
            step_ms=round(sum(len(t) * t.step_ms for t in tables) / rows) if rows else tables[0].step_ms,
            devices=tuple(device_id for table in tables for device_id in table.devices),
            device_types=tuple(device_type for table in tables for device_type in table.device_types),
            events=np.concatenate([table.events for table in moved]),
            kinds=tuple(kind for table in tables for kind in table.kinds),
            components=tuple(component for table in tables for component in table.components),
        )


def _stacked(tables: Sequence[Table]) -> dict[str, Any]:
    return {name: np.concatenate([getattr(table, name) for table in tables]) for name in OF_ROWS}
