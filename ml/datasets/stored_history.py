"""A plant's own history as a training table: read from the store in buckets, some machines at a time, to limit memory.

Each group of machines becomes a recording, and the recording becomes rows of the same table that every model is trained
on; then its readings are released. Only the table is kept.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from energytrack.errors import EnergyTrackError
from energytrack.events import DeviceEvent, Failure
from energytrack.plant import Device, Plant
from energytrack.recording import Recording
from energytrack.store import Store
from energytrack.store.telemetry.readings import SENSORS, Means
from ml.datasets.components import with_component
from ml.datasets.table import Table
from ml.datasets.tabulate import DEFAULT_HORIZON_HOURS, describe, tabulate
from ml.datasets.verdicts import VerdictLabels, labels_from_verdicts
from ml.features.spec import FeatureSpec
from ml.progress import Tick

WIDTH: Final = timedelta(minutes=1)
HORIZON: Final = timedelta(hours=DEFAULT_HORIZON_HOURS)
SETTLING: Final = timedelta(days=2)
"""Readings of a day may arrive this long after its end; then its means are final."""
SUMMED_DAYS: Final = 7
"""Means of earlier days are computed at most this far back; retraining computes the rest."""
TOGETHER: Final = 24
"""Number of machines in memory at once: 90 days of them take about 300 MB."""
LONG_AGO: Final = timedelta(days=90)
"""Events this long before the first reading are read too: they show when a machine was last maintained."""
SAMPLE: Final = 24
SAMPLE_DAYS: Final = 7
"""Number of machines, and days, from which the spread of a plant's signals is estimated."""
TELLING: Final = ("failure", "fault_code", "maintenance_started", "maintenance_done")
"""The kinds of event that features and labels use."""

ReadMeans = Callable[[Iterable[str], datetime, datetime], Iterator[Means]]
"""Means of machines over a time range, as returned by `Readings.means`."""


class NoHistory(EnergyTrackError):
    """The store has nothing to train a model on."""


@dataclass(frozen=True, eq=False)
class History:
    """A plant's history, without its readings."""

    name: str
    devices: tuple[Device, ...]
    signals: tuple[str, ...]
    since: datetime
    until: datetime
    events: tuple[DeviceEvent, ...]
    """Events of the kinds in TELLING, oldest first; also from before `since`."""
    verdicts: VerdictLabels
    read: ReadMeans
    horizon: timedelta = HORIZON

    def failures(self, since: datetime) -> int:
        """The number of recorded failures from `since` on, including prevented ones."""
        happened = (event for event in (*self.events, *self.verdicts.prevented) if isinstance(event, Failure))
        return sum(event.timestamp >= since for event in happened)

    def lately(self, share: float) -> datetime:
        """Start of the last `share` of the time."""
        return self.until - (self.until - self.since) * share


def stored_history(store: Store, plant: Plant, *, now: datetime, days: float, horizon: timedelta = HORIZON) -> History:
    """The history of every machine in the store; raises NoHistory, StoreUnavailable.

    `horizon` is the horizon of a model trained on it.
    """
    machines = store.devices.all()
    devices = []
    signals = set()
    for latest in machines:
        listed = plant.device(latest.device_id)
        kind, line = latest.device_type or "unknown", latest.line or "unknown"
        devices.append(listed or Device(latest.device_id, kind, line))  # as in live scoring: age unknown
        signals |= set(latest.reading.signals) if latest.reading else set()
    earliest = _floor(now - timedelta(days=days))
    since, until = _reach(store, devices, earliest, _floor(now))
    happened = store.events.of_kinds(since=since - LONG_AGO, until=until, kinds=TELLING)
    events = tuple(with_component(plant, event) for event in happened)
    verdicts = labels_from_verdicts(store.alarms.verdicts(since=since, until=now), events, horizon=horizon)
    wanted = (*SENSORS, *sorted(signals))

    def read(device_ids: Iterable[str], start: datetime, end: datetime) -> Iterator[Means]:
        return store.minutes.means(device_ids, wanted, since=start, until=end, settled=now - SETTLING)

    return History(
        f"own history of {plant.name}", tuple(devices), wanted, since, until, events, verdicts, read, horizon
    )


def sum_up(history: History, *, now: datetime) -> None:
    """Let the database compute the means of days that have recently become final, before retraining needs them."""
    until = now - SETTLING
    since = max(history.since, until - timedelta(days=SUMMED_DAYS))
    for _ in history.read([device.device_id for device in history.devices], since, until):
        pass  # computing also stores them


def spec_for(history: History) -> tuple[FeatureSpec, float]:
    """The features for a history, and the usual seconds between two readings of a machine; raises NoHistory."""
    since = max(history.since, history.until - timedelta(days=SAMPLE_DAYS))
    some = _spread(history.devices, SAMPLE)
    sample = recorded(history, some, history.read([d.device_id for d in some], since, history.until))
    if len(sample) == 0:
        raise NoHistory("no readings are stored")
    steps = np.diff(np.sort(sample.timestamp[sample.device == sample.device[0]]))
    interval = max(float(np.median(steps)) / 1000 if len(steps) else 0.0, WIDTH.total_seconds())
    return describe(replace(sample, devices=history.devices, interval_seconds=interval)), interval


def tables(
    history: History,
    spec: FeatureSpec,
    *,
    interval: float,
    rows: int,
    hide: np.random.Generator | None = None,
    champion: FeatureSpec | None = None,
    champion_since: datetime | None = None,
    progress: Tick = lambda _: None,
) -> tuple[Table, Table | None]:
    """About `rows` rows of the history; and, from `champion_since` on, the same rows with a champion's features."""
    total = len(history.devices) * (history.until - history.since).total_seconds() / interval
    stride = max(1, -(-round(total) // rows))
    own: list[Table] = []
    other: list[Table] = []
    for some in _groups(history.devices, TOGETHER):
        means = history.read([d.device_id for d in some], history.since, history.until)
        recording = replace(recorded(history, some, means), interval_seconds=interval)
        own.append(tabulate(recording, spec, stride=stride, hide=hide, verdicts=history.verdicts))
        if champion is not None and champion_since is not None:
            seen = since_moment(recording, champion, champion_since)
            verdict_labels = VerdictLabels(prevented=history.verdicts.prevented)
            table = tabulate(seen, champion, stride=stride, verdicts=verdict_labels)
            other.append(table.where(table.at_ms >= champion_since.timestamp() * 1000))
        progress(len(some) / len(history.devices))
    if not own:
        raise NoHistory("no machine is known")
    return Table.concat(own), Table.concat(other) if other else None


def recorded(history: History, devices: Sequence[Device], means: Iterable[Means]) -> Recording:
    """Means of some machines as a recording of them."""
    position = {device.device_id: i for i, device in enumerate(devices)}
    places, moments = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int64)]
    columns = {signal: [np.zeros(0)] for signal in history.signals}
    for part in means:  # as arrays at once: lists of numbers need eight times the memory
        places.append(np.full(len(part.end_ms), position[part.device_id], dtype=np.int32))
        moments.append(np.array(part.end_ms, dtype=np.int64))
        for signal, parts in columns.items():
            parts.append(np.array(part.signals[signal], dtype=np.float64))
    timestamp = np.concatenate(moments)
    order = np.argsort(timestamp, kind="stable")
    device = np.concatenate(places)
    values = {signal: np.concatenate(parts)[order] for signal, parts in columns.items()}
    return Recording(
        name=history.name,
        interval_seconds=WIDTH.total_seconds(),
        horizon_hours=history.horizon.total_seconds() / 3600,
        signals=dict.fromkeys(history.signals, ""),
        devices=tuple(devices),
        device=device[order],
        timestamp=timestamp[order],
        values=values,
        events=history.events,
    )


def since_moment(recording: Recording, spec: FeatureSpec, moment: datetime) -> Recording:
    """The part of a recording that a model needs for rows from `moment` on, with all its signals."""
    reach = look_back(spec)
    start = 0
    if reach is not None:
        start = int(np.searchsorted(recording.timestamp, (moment - reach).timestamp() * 1000))
    lost = np.full(len(recording) - start, np.nan)
    values = {name: recording.values[name][start:] if name in recording.values else lost for name in spec.signals}
    return replace(
        recording, device=recording.device[start:], timestamp=recording.timestamp[start:], values=values,
        signals=dict.fromkeys(spec.signals, ""),
    )  # fmt: skip


def look_back(spec: FeatureSpec) -> timedelta | None:
    """How far back features look at readings; None if they also look at a machine's beginning."""
    if spec.reference_blocks:
        return None
    return timedelta(seconds=spec.bucket_seconds * spec.windows[-1] * (spec.baseline_blocks + 3))


def _reach(store: Store, devices: Sequence[Device], since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The times of the first and the last reading of some machines."""
    some = _spread(devices, 8)
    reaches = [store.readings.reach(device.device_id, since=since, until=until) for device in some]
    ends = [reach for reach in reaches if reach is not None]
    if not ends:
        raise NoHistory(f"no readings are stored since {since:%Y-%m-%d}")
    return _floor(min(first for first, _ in ends)) - WIDTH, _floor(max(last for _, last in ends)) + WIDTH


def _spread(devices: Sequence[Device], count: int) -> Sequence[Device]:
    """At most `count` of the devices, spread over the list."""
    return devices[:: max(1, -(-len(devices) // count))]


def _groups(devices: Sequence[Device], size: int) -> Iterator[Sequence[Device]]:
    for start in range(0, len(devices), size):
        yield devices[start : start + size]


def _floor(moment: datetime) -> datetime:
    width = WIDTH.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // width * width, UTC)
