"""A plant's past."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from energytrack.events import StateChanged
from energytrack.recording import read_recording, write_recording
from simulator.history import history
from simulator.machines.rates import Rates
from simulator.machines.sensors import SIGNALS
from simulator.plant.factory import Factory
from testkit.builders.plants import MONDAY, a_factory, a_plant


def test_a_history_has_every_reading_of_its_days() -> None:
    """Sorted by time, the last one at its end."""
    recording = history(a_factory(12), until=MONDAY, days=0.5)
    assert len(recording) == 12 * 720
    assert (np.diff(recording.timestamp) >= 0).all()
    assert datetime.fromtimestamp(recording.timestamp[-1] / 1000, UTC) == MONDAY
    assert datetime.fromtimestamp(recording.timestamp[0] / 1000, UTC) == MONDAY - timedelta(hours=12, minutes=-1)
    assert tuple(recording.values) == SIGNALS
    assert recording.horizon_hours == 24


def test_a_history_tells_of_failures_codes_and_repairs_not_of_jobs() -> None:
    """What a model learns from."""
    factory = Factory(a_plant(30), seed=1, rates=Rates(wear_speed=20, onset_speed=20, repair_speed=5))
    kinds = {type(event).__name__ for event in history(factory, until=MONDAY, days=3, interval_seconds=600).events}
    assert {"Failure", "FaultCode", "MaintenanceDone"} <= kinds
    assert "StateChanged" not in kinds


def test_a_history_for_backfill_has_meters_and_states() -> None:
    """Registers that never fall, and every change of state."""
    recording = history(a_factory(12), until=MONDAY, days=0.2, meters=True)
    registers = recording.values["energy_kwh"].reshape(-1, 12)
    assert (np.diff(registers, axis=0) >= 0).all()
    assert any(isinstance(event, StateChanged) for event in recording.events)


def test_a_history_is_written_and_read_as_any_recording(tmp_path: Path) -> None:
    """The same numbers come back."""
    recording = history(a_factory(12), until=MONDAY, days=0.1)
    write_recording(tmp_path, recording)
    again = read_recording(tmp_path)
    for signal in SIGNALS:
        assert np.array_equal(recording.values[signal], again.values[signal], equal_nan=True)
    assert again.devices == recording.devices


def test_progress_is_reported_in_days() -> None:
    """For the bar."""
    shares: list[float] = []
    history(a_factory(6), until=MONDAY, days=2, interval_seconds=900, progress=shares.append)
    assert shares == [1.0, 1.0]


@pytest.mark.slow
def test_a_minute_of_history_is_like_the_mean_of_a_live_minute() -> None:
    """So that a model trained on minutes understands seconds: level and spread of signals agree."""
    factory = a_factory(30)
    coarse = history(factory, until=MONDAY + timedelta(hours=2), days=1 / 12)
    fine = history(factory, until=MONDAY + timedelta(hours=2), days=1 / 12, interval_seconds=2)
    for signal in SIGNALS:
        minutes = coarse.values[signal].reshape(120, 30)
        means = fine.values[signal].reshape(120, 30, 30).mean(axis=1)
        assert np.median(minutes.mean(axis=0) / means.mean(axis=0)) == pytest.approx(1.0, abs=0.06), signal
        assert np.median(minutes.std(axis=0) / means.std(axis=0)) == pytest.approx(1.0, abs=0.3), signal
