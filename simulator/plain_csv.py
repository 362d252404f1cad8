"""Reads a plain CSV file as a recording; its columns are named on the command line."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from msgspec import Struct

from energytrack.plant import Device
from energytrack.recording import InvalidRecording, Recording
from simulator.arrays import Ints

MOST_SIGNALS: Final = 32
"""Maximum number of further signals in a reading."""
_OWN: Final = ("temperature", "pressure", "current")


class Columns(Struct, frozen=True):
    """Which columns of the file hold what."""

    timestamp: str = "timestamp"
    device_id: str | None = None
    """None if the whole file is one machine's."""
    signals: Mapping[str, str] = {}
    """Signal to column."""
    only_named: bool = False
    """Leave out columns that `signals` does not name; otherwise further numeric columns become signals."""


def read_csv(path: Path, columns: Columns, device: Device) -> Recording:
    """Read a file whose rows are readings of `device`, or of the machines that a column names.

    Times are ISO 8601 (UTC if they have no zone), or seconds or milliseconds since the epoch. Raises InvalidRecording.
    """
    try:
        table = pd.read_csv(path, sep=_separator(path))
        return _recording(path, table, columns, device)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidRecording(str(path), str(error)) from error


def _recording(path: Path, table: pd.DataFrame, columns: Columns, device: Device) -> Recording:
    wanted = [columns.timestamp, *columns.signals.values(), *([columns.device_id] if columns.device_id else [])]
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        raise ValueError(f"there is no column {missing[0]!r}; the columns are {', '.join(map(str, table.columns))}")
    timestamp = _times(table[columns.timestamp])
    order = np.argsort(timestamp, kind="stable")
    names = np.full(len(table), device.device_id, dtype=np.object_)
    if columns.device_id:
        names = np.array([_identifier(str(name)) for name in table[columns.device_id]], dtype=np.object_)
    ids, index = np.unique(names.astype(np.str_), return_inverse=True)
    values = {
        signal: pd.to_numeric(table[column], errors="raise").to_numpy(dtype=np.float64)[order]
        for signal, column in _signals(table, columns, wanted).items()
    }
    return Recording(
        name=path.stem,
        interval_seconds=_interval(timestamp[order], index[order]),
        horizon_hours=None,
        signals=dict.fromkeys(values, ""),
        devices=tuple(Device(str(name), device.device_type, device.line, device.age_years) for name in ids),
        device=index[order].astype(np.int32),
        timestamp=timestamp[order],
        values=values,
    )


def _signals(table: pd.DataFrame, columns: Columns, taken: list[str]) -> dict[str, str]:
    """Signal to column: those that are named, the three by their own names, and further numbers."""
    signals = dict(columns.signals)
    for column in table.columns:
        further = not columns.only_named and pd.api.types.is_numeric_dtype(table[column])
        if column not in taken and column not in signals and (column in _OWN or further):
            signals[str(column)] = str(column)
    if len(signals) > MOST_SIGNALS + len(_OWN):
        raise ValueError(f"{len(signals)} numeric columns are too many: name those you want and add --only-named")
    return signals


def _times(column: "pd.Series[str]") -> Ints:
    """Milliseconds since the epoch."""
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype=np.float64)
        unit = 1.0 if len(numbers) and np.nanmax(numbers) > 1e11 else 1000.0
        return np.rint(numbers * unit).astype(np.int64)
    moments = pd.to_datetime(column, utc=True, format="ISO8601")
    return np.asarray(moments.dt.as_unit("ms").astype("int64"), dtype=np.int64)


def _interval(timestamp: Ints, device: Ints) -> float:
    """The usual distance of two readings of the first machine, in seconds."""
    steps = np.diff(timestamp[device == device[0]]) if len(device) else np.array([])
    steps = steps[steps > 0]
    return float(np.median(steps)) / 1000.0 if len(steps) else 1.0


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        heading = file.readline()
    return max(",;\t", key=heading.count)


def _identifier(name: str) -> str:
    """A valid device id from a name."""
    return re.sub(r"[^A-Za-z0-9._:-]+", "-", name).strip("-._:")[:64] or "device"


def identifier_of(path: Path) -> str:
    """The id of the one machine of a file that names none."""
    return _identifier(path.stem)
