from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from energytrack.events import CommandResult, DeviceEvent, Failure, FaultCode, MaintenanceDone, MaintenanceStarted
from energytrack.plant import Device
from energytrack.recording import InvalidRecording, Label, Recording, read_recording, write_recording
from testkit.dates import DAY, MIDNIGHT, NOW

AT = NOW
DEVICES = (Device("cnc-0001", "cnc_machine", "line-a", 3.0), Device("press-0001", "press", "line-b", 11.5))
EVENTS: tuple[DeviceEvent, ...] = (
    FaultCode(event_id="recorded-1", device_id="cnc-0001", timestamp=AT, code="E41"),
    Failure(event_id="recorded-2", device_id="cnc-0001", timestamp=AT, mode="bearing_wear"),
    MaintenanceStarted(event_id="recorded-3", device_id="cnc-0001", timestamp=AT, component="bearing"),
    MaintenanceDone(event_id="recorded-4", device_id="cnc-0001", timestamp=AT, component="bearing"),
)


def a_recording() -> Recording:
    start = int(AT.timestamp() * 1000)
    return Recording(
        name='A "quoted" plant',
        interval_seconds=60.0,
        horizon_hours=24.0,
        signals={"temperature": "degrees Celsius", "vibration": "g"},
        devices=DEVICES,
        device=np.array([0, 1, 0], dtype=np.int32),
        timestamp=np.array([start, start + 1, start + 60_000], dtype=np.int64),
        values={"temperature": np.array([61.25, np.nan, 62.0]), "vibration": np.array([0.1, 0.2, np.nan])},
        events=EVENTS,
        labels=(Label("cnc-0001", AT, AT, "abnormal"),),
        details={"kind": "simulated"},
    )


def write_table(folder: Path, readings: str, **files: str) -> Path:
    (folder / "recording.toml").write_text('name = "rig"\ninterval_seconds = 1\n', encoding="utf-8")
    (folder / "devices.csv").write_text("device_id,device_type,line,age_years\nrig-1,rig,hall,4\n", encoding="utf-8")
    (folder / "readings.csv").write_text(readings, encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize("columnar", [True, False])
def test_what_is_written_is_read_back(tmp_path: Path, columnar: bool) -> None:
    """Both forms of a recording keep every number, event and label."""
    written = a_recording()
    write_recording(tmp_path, written, columnar=columnar)
    read = read_recording(tmp_path)
    for field in ("name", "interval_seconds", "horizon_hours", "signals", "devices", "events", "labels", "details"):
        assert getattr(written, field) == getattr(read, field)
    np.testing.assert_array_equal(written.device, read.device)
    np.testing.assert_array_equal(written.timestamp, read.timestamp)
    for name, column in written.values.items():
        np.testing.assert_array_equal(column, read.values[name])


def test_rewriting_in_the_other_form_leaves_one_form(tmp_path: Path) -> None:
    """A folder never holds two forms that differ."""
    write_recording(tmp_path, a_recording(), columnar=False)
    write_recording(tmp_path, a_recording(), columnar=True)
    assert not (tmp_path / "readings.csv.gz").exists()


def test_command_results_are_no_part_of_a_recording(tmp_path: Path) -> None:
    """A kind of event without a column is left out, not an error."""
    answer = CommandResult(
        event_id="e", device_id="cnc-0001", timestamp=AT, command_id="c", action="restart", outcome="done"
    )
    recording = a_recording()
    write_recording(tmp_path, replace(recording, events=(*EVENTS, answer)))
    assert read_recording(tmp_path).events == EVENTS


def test_unsorted_readings_are_sorted_and_unknown_devices_accepted(tmp_path: Path) -> None:
    """A recording is tolerant where nothing is lost by it."""
    rows = f"device_id,timestamp,flow\nrig-2,{DAY}T00:00:01Z,2\nrig-1,{DAY}T00:00:00.500Z,\n"
    read = read_recording(write_table(tmp_path, rows))
    assert [Device("rig-1", "rig", "hall", 4.0), Device("rig-2", "unknown", "unknown")] == list(read.devices)
    assert read.device.tolist() == [0, 1]
    midnight_ms = round(MIDNIGHT.timestamp() * 1000)
    assert read.timestamp.tolist() == [midnight_ms + 500, midnight_ms + 1000]
    np.testing.assert_array_equal([np.nan, 2.0], read.values["flow"])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / "recording.toml").unlink(), "recording.toml cannot be read"),
        (lambda folder: (folder / "recording.toml").write_text("name ="), "recording.toml"),
        (lambda folder: (folder / "devices.csv").unlink(), "devices.csv"),
        (lambda folder: (folder / "readings.csv").unlink(), "readings.csv"),
        (lambda folder: write_table(folder, "device_id,timestamp,flow\nrig-1,yesterday,2\n"), "yesterday"),
        (lambda folder: write_table(folder, f"device_id,timestamp,flow\nrig-1,{DAY},much\n"), "much"),
        (lambda folder: write_table(folder, "device_id,flow\nrig-1,2\n"), "timestamp"),
    ],
)
def test_what_is_no_recording_is_named(tmp_path: Path, spoil: Callable[[Path], object], sentence: str) -> None:
    """The error says which file, or which value, is wrong."""
    spoil(write_table(tmp_path, f"device_id,timestamp,flow\nrig-1,{DAY}T00:00:00Z,2\n"))
    with pytest.raises(InvalidRecording, match=sentence):
        read_recording(tmp_path)


def test_an_unknown_kind_of_event_is_named(tmp_path: Path) -> None:
    """A kind that nobody knows would silently cost labels."""
    rows = f"device_id,timestamp,flow\nrig-1,{DAY}T00:00:00Z,2\n"
    write_table(tmp_path, rows, events=f"device_id,timestamp,kind,code\nrig-1,{DAY}T00:00:00Z,explosion,x\n")
    with pytest.raises(InvalidRecording, match="explosion"):
        read_recording(tmp_path)


def test_the_component_of_a_failure_has_a_column_of_its_own(tmp_path: Path) -> None:
    """The column is there only if an event tells a component; an empty cell tells none."""
    given = (
        FaultCode(event_id="recorded-1", device_id="cnc-0001", timestamp=AT, code="E41", component="spindle"),
        Failure(event_id="recorded-2", device_id="cnc-0001", timestamp=AT, mode="bearing_wear", component="bearing"),
        Failure(event_id="recorded-3", device_id="cnc-0001", timestamp=AT, mode="tool_wear"),
        MaintenanceDone(event_id="recorded-4", device_id="cnc-0001", timestamp=AT, component="bearing"),
    )
    for name, events in (("without", EVENTS), ("with", given)):
        write_recording(tmp_path / name, replace(a_recording(), events=events))
        assert read_recording(tmp_path / name).events == events
        heading = (tmp_path / name / "events.csv").read_text(encoding="utf-8").splitlines()[0]
        assert heading.endswith(",component") == (name == "with")
