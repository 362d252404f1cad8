"""Recorded machine data: a folder of readings, events and labels, as columns of numbers.

The folder contains `recording.toml` (name, interval, horizon, signals), `devices.csv`, `readings.csv.gz` or its
columnar version `readings.npz` (the newer one is used), `events.csv` and, if ranges are labelled, `labels.csv`.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
import tomli_w

from energytrack.errors import EnergyTrackError
from energytrack.events import DeviceEvent, Failure, FaultCode, MaintenanceDone, MaintenanceStarted, StateChanged
from energytrack.plant import Device
from energytrack.toml_files import decoded

Floats = npt.NDArray[np.float64]
_SIGNAL: Final = "signal."
"""Prefix of a signal's array in `readings.npz`."""
_KINDS: Final[Mapping[str, tuple[type[msgspec.Struct], str]]] = {
    "failure": (Failure, "mode"),
    "fault_code": (FaultCode, "code"),
    "maintenance_done": (MaintenanceDone, "component"),
    "maintenance_started": (MaintenanceStarted, "component"),
    "state_changed": (StateChanged, "state"),
}
"""The kinds of event that a recording holds, and the field that its column `code` fills."""
_TELL_COMPONENTS: Final = (Failure, FaultCode)
"""Kinds whose component is in a column of its own, which may be missing."""


@dataclass(eq=False)
class InvalidRecording(EnergyTrackError):
    """The folder does not contain a valid recording."""

    folder: str
    problem: str

    def __str__(self) -> str:
        return f"{self.folder} is not a valid recording: {self.problem}"


class Label(msgspec.Struct, frozen=True):
    """A labelled range of a machine's time, ends included."""

    device_id: str
    start: datetime
    end: datetime
    state: str
    """So far only `abnormal` is used."""


@dataclass(frozen=True, eq=False)
class Recording:
    """Readings as columns, sorted by time, with the events of the same time."""

    name: str
    interval_seconds: float
    """The usual time between two readings of one machine."""
    horizon_hours: float | None
    """How far ahead failures are to be predicted; None if no failures are recorded."""
    signals: Mapping[str, str]
    """Column to description; temperature, pressure and current first, further sensors after them."""
    devices: tuple[Device, ...]
    device: npt.NDArray[np.int32]
    """int32[n], an index into `devices` for each reading."""
    timestamp: npt.NDArray[np.int64]
    """int64[n], milliseconds since the epoch (UTC), never falling."""
    values: Mapping[str, Floats]
    """Signal to float64[n], NaN if the sensor was lost."""
    events: tuple[DeviceEvent, ...] = ()
    """In the order of their timestamps."""
    labels: tuple[Label, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    """Other fields of `recording.toml`: kind, licence."""

    def __len__(self) -> int:
        return len(self.timestamp)


def read_recording(folder: Path) -> Recording:
    """Read a recording; raises InvalidRecording with the file and the problem.

    A device that occurs only in `readings` is accepted with the type `unknown`; `events.csv` and `labels.csv` may be
    missing.
    """
    described = _describe(folder)
    try:
        ids, index, timestamp, values = _read_readings(folder)
        devices = _read_devices(folder, ids)
        position = {device.device_id: i for i, device in enumerate(devices)}
        device = np.array([position[name] for name in ids], dtype=np.int32)[index] if ids else index
        order = np.argsort(timestamp, kind="stable")
        if (order == np.arange(len(order))).all():
            order = np.arange(0)  # already sorted: no copy
        else:
            device, timestamp = device[order], timestamp[order]
            values = {name: column[order] for name, column in values.items()}
        events = tuple(sorted(_read_events(folder), key=lambda event: event.timestamp))
        labels = tuple(_read_labels(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidRecording(str(folder), str(error)) from error
    descriptions: Mapping[str, str] = described.get("signals", {})
    return Recording(
        name=str(described.get("name", folder.name)),
        interval_seconds=float(described.get("interval_seconds", 0)) or _usual_interval(device, timestamp),
        horizon_hours=described.get("horizon_hours"),
        signals={name: str(descriptions.get(name, "")) for name in values},
        devices=devices,
        device=device,
        timestamp=timestamp,
        values=values,
        events=events,
        labels=labels,
        details={key: str(described[key]) for key in ("kind", "licence") if key in described},
    )


def write_recording(folder: Path, recording: Recording, *, columnar: bool = True) -> None:
    """Write a recording into a folder (created if missing); `columnar` readings are large, but fast to write and read.

    Kinds of event that a recording cannot hold (command results) are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_description(folder, recording)
    rows = [(d.device_id, d.device_type, d.line, d.age_years) for d in recording.devices]
    _write_csv(folder / "devices.csv", pd.DataFrame(rows, columns=["device_id", "device_type", "line", "age_years"]))
    _write_csv(folder / "events.csv", _events_table(recording.events))
    if recording.labels:
        stretches = [(s.device_id, _iso(s.start), _iso(s.end), s.state) for s in recording.labels]
        _write_csv(folder / "labels.csv", pd.DataFrame(stretches, columns=["device_id", "start", "end", "state"]))
    (folder / ("readings.csv.gz" if columnar else "readings.npz")).unlink(missing_ok=True)
    if columnar:
        _write_columns(folder / "readings.npz", recording)
    else:
        _write_csv(folder / "readings.csv.gz", _readings_table(recording))


def _describe(folder: Path) -> dict[str, Any]:
    try:
        return decoded((folder / "recording.toml").read_bytes(), dict)
    except OSError as error:
        raise InvalidRecording(str(folder), f"recording.toml cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise InvalidRecording(str(folder), f"recording.toml: {error}") from error


def _read_readings(folder: Path) -> tuple[list[str], npt.NDArray[np.int32], npt.NDArray[np.int64], dict[str, Floats]]:
    """Device ids, and for each reading the index of its id, its time and its values."""
    columns, table = folder / "readings.npz", folder / "readings.csv.gz"
    if columns.exists() and not (table.exists() and table.stat().st_mtime > columns.stat().st_mtime):
        with np.load(columns, allow_pickle=False) as stored:
            ids = [str(name) for name in stored["device_ids"]]
            names = [name for name in stored.files if name.startswith(_SIGNAL)]
            values = {name.removeprefix(_SIGNAL): stored[name].astype(np.float64, copy=False) for name in names}
            return ids, stored["device"].astype(np.int32), stored["timestamp"].astype(np.int64), values
    plain = folder / "readings.csv"
    read = pd.read_csv(table if table.exists() else plain, dtype={"device_id": "category"})
    device = read.pop("device_id").cat
    timestamp = _milliseconds(read.pop("timestamp"))
    values = {}
    for name in read.columns:
        values[str(name)] = pd.to_numeric(read[name]).to_numpy(dtype=np.float64)
    return [str(name) for name in device.categories], np.asarray(device.codes, dtype=np.int32), timestamp, values


def _read_devices(folder: Path, ids: list[str]) -> tuple[Device, ...]:
    table = pd.read_csv(folder / "devices.csv", dtype={"device_id": str, "device_type": str, "line": str})
    devices = {
        row["device_id"]: Device(
            device_id=row["device_id"],
            device_type=_text(row.get("device_type")) or "unknown",
            line=_text(row.get("line")) or "unknown",
            age_years=_number(row.get("age_years")),
        )
        for row in table.to_dict("records")
    }
    grown = {name: Device(name, "unknown", "unknown") for name in ids if name not in devices}
    return (*devices.values(), *grown.values())


def _read_events(folder: Path) -> Iterator[DeviceEvent]:
    path = folder / "events.csv"
    if not path.exists():
        return
    table = pd.read_csv(path, dtype={"device_id": str, "kind": str, "code": str, "component": str})
    timestamps = _milliseconds(table["timestamp"])
    parts = table["component"].tolist() if "component" in table else None
    for row, (name, kind, code) in enumerate(zip(table["device_id"], table["kind"], table["code"], strict=True)):
        if kind not in _KINDS:
            raise ValueError(f"events.csv: {kind!r} is none of {', '.join(_KINDS)}")
        struct, meaning = _KINDS[kind]
        at = datetime.fromtimestamp(int(timestamps[row]) / 1000, UTC)
        facts = {
            "event_id": f"recorded-{row + 1}",
            "device_id": name,
            "timestamp": at,
            meaning: _text(code) or "unknown",
        }
        if parts is not None and struct in _TELL_COMPONENTS and _text(parts[row]):
            facts["component"] = parts[row]
        yield struct(**facts)  # type: ignore[misc]


def _read_labels(folder: Path) -> Iterator[Label]:
    path = folder / "labels.csv"
    if not path.exists():
        return
    table = pd.read_csv(path, dtype={"device_id": str, "state": str})
    starts, ends = _milliseconds(table["start"]), _milliseconds(table["end"])
    for name, start, end, state in zip(table["device_id"], starts, ends, table["state"], strict=True):
        yield Label(name, datetime.fromtimestamp(start / 1000, UTC), datetime.fromtimestamp(end / 1000, UTC), state)


def _milliseconds(column: "pd.Series[str]") -> npt.NDArray[np.int64]:
    moments = pd.to_datetime(column, utc=True, format="ISO8601")
    return np.asarray(moments.dt.as_unit("ms").astype("int64"), dtype=np.int64)


def _number(value: Any) -> float | None:
    """A number, or None if the column or the cell is missing."""
    return None if value is None or pd.isna(value) else float(value)


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _usual_interval(device: npt.NDArray[np.int32], timestamp: npt.NDArray[np.int64]) -> float:
    steps = np.diff(timestamp[device == device[0]]) if len(device) else np.array([])
    return float(np.median(steps)) / 1000 if len(steps) else 1.0


def _write_description(folder: Path, recording: Recording) -> None:
    heading: dict[str, str | float] = {"name": recording.name, **recording.details}
    heading["interval_seconds"] = recording.interval_seconds
    if recording.horizon_hours is not None:
        heading["horizon_hours"] = recording.horizon_hours
    description = {**heading, "signals": dict(recording.signals)}
    (folder / "recording.toml").write_text(tomli_w.dumps(description), encoding="utf-8")


def _events_table(events: tuple[DeviceEvent, ...]) -> pd.DataFrame:
    names = {struct: (kind, meaning) for kind, (struct, meaning) in _KINDS.items()}
    rows = [
        (event.device_id, _iso(event.timestamp), names[type(event)][0], getattr(event, names[type(event)][1]))
        for event in events
        if type(event) in names
    ]
    table = pd.DataFrame(rows, columns=["device_id", "timestamp", "kind", "code"])
    parts = [
        (event.component or "") if isinstance(event, _TELL_COMPONENTS) else ""
        for event in events
        if type(event) in names
    ]
    return table.assign(component=parts) if any(parts) else table


def _readings_table(recording: Recording) -> pd.DataFrame:
    ids = np.array([device.device_id for device in recording.devices], dtype=np.object_)[recording.device]
    moments = pd.Series(recording.timestamp.astype("datetime64[ms]"))
    columns = {"device_id": ids, "timestamp": moments.dt.strftime("%Y-%m-%dT%H:%M:%S.") + _thousandths(recording)}
    return pd.DataFrame({**columns, **recording.values})


def _thousandths(recording: Recording) -> "pd.Series[str]":
    return pd.Series(recording.timestamp % 1000).astype(str).str.zfill(3) + "Z"


def _write_columns(path: Path, recording: Recording) -> None:
    ids = np.array([device.device_id for device in recording.devices], dtype=np.str_)
    signals = {_SIGNAL + name: column for name, column in recording.values.items()}
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, device_ids=ids, device=recording.device, timestamp=recording.timestamp, **signals)  # type: ignore[arg-type]
    os.replace(partial, path)  # noqa: PTH105  # atomic, and says so


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
