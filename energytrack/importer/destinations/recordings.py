"""A file of any kind as a recording, for training and evaluating models and for replay."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from energytrack.importer.choices import Choices, UnreadableFile
from energytrack.importer.content import Content, Floats
from energytrack.importer.reader import read_file
from energytrack.plant import Device
from energytrack.recording import Recording, read_recording

REGISTER = "energy_kwh"
HORIZON_HOURS = 24.0
"""How far ahead failures are predicted by default."""


def recording_at(
    path: Path, choices: Choices, *, zone: str, device: Device | None = None, events: Path | None = None
) -> Recording:
    """The recording in a folder, or one made from a file, with the events of another file.

    Raises InvalidRecording, UnreadableFile or NotProved.
    """
    if path.is_dir():
        return read_recording(path)
    adjusted = msgspec.structs.replace(choices, parts=choices.parts or "", price="")  # all columns are signals
    content = read_file(path, adjusted, plant_zone=zone)
    if events is not None:
        listed = read_file(events, Choices(zone=choices.zone, date_order=choices.date_order), plant_zone=zone)
        content = replace(content, events=listed.events)
    return recording_of(content, device)


def recording_of(content: Content, device: Device | None = None, *, horizon_hours: float = HORIZON_HOURS) -> Recording:
    """The content's readings and events; energy of intervals becomes a register that begins at 0.

    `device` is the type and line of the machines, `horizon_hours` how far ahead failures matter. Raises UnreadableFile
    if there are no readings.
    """
    columns: dict[str, dict[str, tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Floats]]] = {}
    for machine, signals in content.signals.items():
        columns[machine] = {name: (signals.at_ms, values) for name, values in signals.values.items()}
    for machine, energy in content.energy.items():
        own = columns.setdefault(machine, {})
        own.setdefault(REGISTER, (energy.end_ms, np.cumsum(np.nan_to_num(energy.kwh))))
    if not columns:
        raise UnreadableFile(content.name, "it holds no readings, which a recording needs")
    machines = sorted(columns)
    names = list(dict.fromkeys(name for machine in machines for name in columns[machine]))
    first = ["temperature", "pressure", "current"]
    names = [name for name in first if name in names] + [name for name in names if name not in first]
    stamps = {m: np.unique(np.concatenate([at for at, _ in columns[m].values()])) for m in machines}
    timestamp = np.concatenate([stamps[m] for m in machines])
    index = np.concatenate([np.full(len(stamps[m]), i, dtype=np.int32) for i, m in enumerate(machines)])
    values = {name: np.full(len(timestamp), np.nan) for name in names}
    offset = 0
    for machine in machines:
        for name, (at, signal_values) in columns[machine].items():
            values[name][offset + np.searchsorted(stamps[machine], at)] = signal_values
        offset += len(stamps[machine])
    order = np.argsort(timestamp, kind="stable")
    steps = np.diff(stamps[machines[0]])
    like = device or Device("", "unknown", "unknown")
    failures = [event for event in content.events if type(event).__name__ == "Failure"]
    return Recording(
        name=content.name.rpartition(".")[0] or content.name,
        interval_seconds=float(np.median(steps)) / 1000.0 if len(steps) else 1.0,
        horizon_hours=horizon_hours if failures else None,
        signals=dict.fromkeys(names, ""),
        devices=tuple(Device(m, like.device_type, like.line, like.age_years) for m in machines),
        device=index[order],
        timestamp=timestamp[order],
        values={name: column[order] for name, column in values.items()},
        events=content.events,
    )
