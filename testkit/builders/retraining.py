"""A plant's past for tests of retraining: in memory, or stored in a real database."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from energytrack.clock import Clock, ManualClock
from energytrack.events import DeviceEvent
from energytrack.machines.state import MachineState
from energytrack.messages import Reading
from energytrack.plant import load_plant
from energytrack.recording import Recording
from energytrack.store import Store
from energytrack.store.telemetry.readings import Means
from ml.datasets.stored_history import History
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.datasets.verdicts import VerdictLabels
from ml.models.estimators import ModelSize
from ml.retraining.challenge import ChallengePlan
from ml.retraining.gate import GateTerms
from ml.retraining.registry import ModelRegistry
from ml.retraining.retrainer import Retrainer
from ml.settings import JoblibSettings
from testkit.builders.recordings import START, a_worn_recording

ROOT = Path(__file__).parents[2]
KEY = "a key of this site"
SMALL = ChallengePlan(GateTerms(false_alarms=4.0), rows=20_000, size=ModelSize(trees=20))
PAST = a_worn_recording(devices=10, hours=480, seed=3)
"""Ten machines over twenty days, hourly, with eleven failures or more in the last quarter."""
END = START + timedelta(hours=480)


def a_history(recording: Recording = PAST, **fields: Any) -> History:
    """A recording as the past of a plant."""
    at = recording.timestamp

    def read(device_ids: Iterable[str], since: datetime, until: datetime) -> Iterator[Means]:
        wanted = set(device_ids)
        within = (at > since.timestamp() * 1000) & (at <= until.timestamp() * 1000)
        for index, device in enumerate(recording.devices):
            if device.device_id in wanted:
                rows = within & (recording.device == index)
                values = {name: column[rows].tolist() for name, column in recording.values.items()}
                yield Means(device_id=device.device_id, end_ms=at[rows].tolist(), signals=values)

    defaults: dict[str, Any] = {
        "name": "own history of a plant", "devices": recording.devices, "signals": tuple(recording.values),
        "since": START, "until": datetime.fromtimestamp(int(at[-1]) / 1000, UTC), "events": recording.events,
        "verdicts": VerdictLabels(), "read": read,
    }  # fmt: skip
    return History(**(defaults | fields))


def file_history(store: Store, recording: Recording = PAST) -> None:
    """Put a recording into a database, as the historian would have."""
    store.prepare()
    names = [(device.device_id, device.device_type, device.line) for device in recording.devices]
    readings = [_reading(recording, i, *names[int(recording.device[i])]) for i in range(len(recording))]
    for start in range(0, len(readings), 2000):
        store.readings.put(readings[start : start + 2000])
    last = {reading.device_id: reading for reading in readings}
    store.devices.put(
        [MachineState(name, kind, line, reading=last[name]) for name, kind, line in names],
        max(reading.timestamp for reading in readings),
    )
    store.events.put(numbered(recording.events))


def numbered(events: Iterable[DeviceEvent]) -> list[DeviceEvent]:
    """Events with unique ids."""
    return [msgspec.structs.replace(event, event_id=f"e{i}") for i, event in enumerate(events)]


def a_retrainer(
    store: Store,
    folder: Path,
    *,
    clock: Clock | None = None,
    plan: ChallengePlan = SMALL,
    keep: int = 5,
    key: str | None = KEY,
) -> Retrainer:
    """A retrainer for a plant that knows none of the machines, at the end of the past."""
    numbers = iter(range(1_000_000))
    new_id: Callable[[], str] = lambda: f"01{next(numbers):024d}"  # noqa: E731
    clock = clock or ManualClock(END)
    registry = ModelRegistry(store, folder / "failure_model.pkl", key, keep=keep, clock=clock)
    return Retrainer(
        store=store, plant=load_plant(ROOT / "plant.toml"), plan=plan, history_days=90.0, joblib=JoblibSettings(),
        registry=registry, clock=clock, new_id=new_id,
    )  # fmt: skip


def _reading(recording: Recording, i: int, name: str, kind: str, line: str) -> Reading:
    values = {signal: float(column[i]) for signal, column in recording.values.items()}
    signals: dict[str, Any] = {signal: None if np.isnan(value) else value for signal, value in values.items()}
    at = datetime.fromtimestamp(int(recording.timestamp[i]) / 1000, UTC)
    return Reading(device_id=name, timestamp=at, device_type=kind, line=line, **signals)


def describe_and_tabulate(recording: Recording) -> Table:
    """The whole of a recording as a table."""
    return tabulate(recording, describe(recording))
