"""Recordings and feature specs for tests of `ml`: small, made up, and the same in every run."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from energytrack.events import DeviceEvent, Failure, FaultCode, MaintenanceDone
from energytrack.plant import Device
from energytrack.recording import Label, Recording
from ml.features.spec import FeatureSpec
from ml.models.card import Card, Champion, TrainedOn
from ml.models.estimators import Model
from testkit.dates import MIDNIGHT, version

START = MIDNIGHT
START_MS = int(START.timestamp() * 1000)
SIGNALS = ("temperature", "pressure", "current")


def a_spec(**fields: object) -> FeatureSpec:
    """One-minute buckets of the three signals, two codes, two components, two types."""
    values: dict[str, object] = {
        "signals": SIGNALS,
        "bucket_seconds": 60.0,
        "floors": (0.1, 0.1, 0.1),
        "windows": (2, 4, 8),
        "baseline_blocks": 5,
        "codes": ("hot", "loose"),
        "repair_hours": (6.0, 72.0),
        "components": ("bearing", "belt"),
        "device_types": ("cnc_machine", "press"),
    }
    return FeatureSpec(**(values | fields))  # type: ignore[arg-type]


def a_worn_recording(
    *, devices: int = 8, hours: int = 240, every_minutes: int = 60, seed: int = 1, signals: tuple[str, ...] = SIGNALS
) -> Recording:
    """Machines that warm up and warn for a day before each failure, and are repaired two hours after it."""
    rng = np.random.default_rng(seed)
    steps = hours * 60 // every_minutes
    at = START_MS + np.arange(1, steps + 1, dtype=np.int64) * every_minutes * 60_000
    columns = {signal: rng.normal(50.0, 1.0, (steps, devices)) for signal in signals}
    events: list[DeviceEvent] = []
    for d in range(devices):
        name = f"cnc-{d:04d}"
        for failed in np.arange(rng.uniform(40, 90), hours, 80.0):
            ahead = (START_MS + failed * 3.6e6 - at) / 3.6e6
            columns[signals[0]][:, d] += np.where((ahead > 0) & (ahead < 30), 8.0 * (1 - ahead / 30), 0.0)
            moment = START + timedelta(hours=float(failed))
            events += [
                FaultCode(event_id="", device_id=name, timestamp=moment - timedelta(hours=float(h)), code="hot")
                for h in rng.uniform(0.5, 20.0, 3)
            ]
            events.append(Failure(event_id="", device_id=name, timestamp=moment, mode="bearing_wear"))
            repaired = moment + timedelta(hours=2)
            events.append(MaintenanceDone(event_id="", device_id=name, timestamp=repaired, component="bearing"))
        talk = START + timedelta(hours=float(rng.uniform(0, hours)))
        events.append(FaultCode(event_id="", device_id=name, timestamp=talk, code="door"))
    end = START + timedelta(hours=hours)
    return Recording(
        name="made up",
        interval_seconds=every_minutes * 60.0,
        horizon_hours=24.0,
        signals=dict.fromkeys(signals, ""),
        devices=tuple(
            Device(f"cnc-{d:04d}", ("cnc_machine", "press")[d % 2], "line-a", 1.0 + d) for d in range(devices)
        ),
        device=np.tile(np.arange(devices, dtype=np.int32), steps),
        timestamp=np.repeat(at, devices),
        values={signal: column.reshape(-1) for signal, column in columns.items()},
        events=tuple(sorted((e for e in events if START < e.timestamp < end), key=lambda e: e.timestamp)),
    )


def labelled_runs(*, runs: int = 6, seconds: int = 720, first: int = 0, seed: int = 1) -> Recording:
    """Runs of a rig, a reading a second, each with a fault from two thirds of its time on, only in its vibration."""
    rng = np.random.default_rng(seed)
    begin, end = seconds * 2 // 3, seconds - 60
    at = np.concatenate([START_MS + (run * 3600 + np.arange(1, seconds + 1)) * 1000 for run in range(runs)])
    second = np.tile(np.arange(1, seconds + 1), runs)
    level = np.repeat(rng.normal(0.0, 5.0, runs), seconds)  # each run has a level of its own
    columns = {signal: rng.normal(50.0, 1.0, len(at)) for signal in SIGNALS}
    columns["vibration"] = 20.0 + level + rng.normal(0.0, 0.5, len(at))
    columns["vibration"] += np.where((second >= begin) & (second <= end), 3.0, 0.0)
    names = [f"run-{first + run}" for run in range(runs)]
    starts = [START + timedelta(seconds=run * 3600) for run in range(runs)]
    return Recording(
        name="made up runs",
        interval_seconds=1.0,
        horizon_hours=None,
        signals=dict.fromkeys(columns, ""),
        devices=tuple(Device(name, "rig", "line-a", 0.0) for name in names),
        device=np.repeat(np.arange(runs, dtype=np.int32), seconds),
        timestamp=at,
        values=columns,
        labels=tuple(
            Label(name, start + timedelta(seconds=begin), start + timedelta(seconds=end), "abnormal")
            for name, start in zip(names, starts, strict=True)
        ),
    )


class TemperatureClassifier:
    """A classifier that is easy to follow: the probability is the temperature (its only feature) in hundreds."""

    def predict_proba(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """The probabilities, [rows, 2]."""
        hot = np.clip(np.nan_to_num(features[:, 0].astype(np.float64)) / 100.0, 0.0, 1.0)
        return np.column_stack([1.0 - hot, hot])


def a_champion(**fields: object) -> Champion:
    """A model that fears heat, with a threshold of 0.7."""
    values: dict[str, object] = {
        "version": version(START, "abcdef"),
        "created_at": START,
        "kind": "random_forest",
        "horizon_hours": 24.0,
        "threshold": 0.7,
        "spec": a_spec(),
        "features": ("temperature",),
        "trained_on": TrainedOn("made up", 2, START, START, 100, 3),
        "scores": {"pr_auc": 0.8, "event_recall": None},
    }
    card = Card(**(values | fields))  # type: ignore[arg-type]
    return Champion(card, Model(card.kind, card.features, TemperatureClassifier()))
