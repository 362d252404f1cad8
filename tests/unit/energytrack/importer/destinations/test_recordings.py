"""Files as recordings, for replay, training and evaluation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from energytrack.errors import EnergyTrackError
from energytrack.events import Failure
from energytrack.importer.choices import Choices
from energytrack.importer.destinations.recordings import recording_at
from energytrack.plant import Device
from energytrack.recording import Recording, read_recording, write_recording
from testkit.builders.import_files import columns, starts
from testkit.dates import DAY, NOW

PUMP = Device("pump-1", "pump", "water")
BASIC = f"""timestamp,temperature,pressure,current,rpm,remark
{DAY}T00:00:01Z,41,2.5,3,1440,ok
{DAY}T00:00:00Z,40,,3,1450,ok
"""


def recording(folder: Path, text: str, **choices: Any) -> Recording:
    path = folder / "Pump 1 (old).csv"
    path.write_text(text)
    return recording_at(path, Choices(**{"device": "pump-1", **choices}), zone="UTC", device=PUMP)


def test_columns_of_our_names_need_no_mapping(tmp_path: Path) -> None:
    """Further numbers become signals, words are left out, rows are sorted, an empty cell is a lost sensor."""
    made = recording(tmp_path, BASIC)
    assert list(made.values) == ["temperature", "pressure", "current", "rpm"]
    assert made.values["temperature"].tolist() == [40.0, 41.0]
    assert np.isnan(made.values["pressure"][0])
    assert (made.devices, made.interval_seconds) == ((PUMP,), 1.0)


def test_other_columns_are_mapped(tmp_path: Path) -> None:
    """By name, with any of the usual separators, and several machines in one file."""
    start = int(NOW.timestamp())
    rows = ((0, "P 1;40;1"), (60, "P 2;50;2"), (60, "P 1;41;1"), (120, "P 1;42;1"))
    text = "zeit;maschine;T1;I\n" + "".join(f"{start + after};{rest}\n" for after, rest in rows)
    made = recording(tmp_path, text, device=None, signals={"T1": "temperature", "I": "current"})
    assert [device.device_id for device in made.devices] == ["P-1", "P-2"]
    assert made.timestamp[0] == start * 1000
    assert made.interval_seconds == 60.0
    assert made.device.tolist() == [0, 1, 0, 0] or made.device.tolist() == [0, 0, 1, 0]
    assert list(made.values) == ["temperature", "current"]


def test_only_what_is_named_where_wanted(tmp_path: Path) -> None:
    """Other numbers may mean nothing."""
    made = recording(
        tmp_path, BASIC.replace(",remark", ",load").replace("ok", "7"), signals={"rpm": "speed"}, only_named=True
    )
    assert list(made.values) == ["temperature", "pressure", "current", "speed"]


def test_the_energy_of_intervals_becomes_a_register(tmp_path: Path) -> None:
    """As machines send it, at the end of each interval."""
    made = recording(tmp_path, columns(starts(DAY, 1), "%Y-%m-%dT%H:%M%z"), values="interval", labels="begin")
    assert made.values["energy_kwh"][[0, 1, 2]].tolist() == [0.25, 0.5, 0.75]
    assert made.timestamp[0] == round(starts(DAY, 1)[1].timestamp() * 1000)


def test_events_come_from_a_file_of_their_own(tmp_path: Path) -> None:
    """And what is written as a recording is read as the same."""
    readings, events = tmp_path / "pump.csv", tmp_path / "sap.csv"
    readings.write_text(BASIC)
    events.write_text(f"Datum;Equipment-Nr;Art;Bauteil\n{DAY}T12:00:00Z;pump-1;Ausfall;Lager\n")
    made = recording_at(readings, Choices(device="pump-1"), zone="UTC", events=events)
    assert isinstance(made.events[0], Failure)
    write_recording(tmp_path / "out", made)
    again = read_recording(tmp_path / "out")
    assert (again.horizon_hours, len(again.events), len(again)) == (24.0, 1, 2)


@pytest.mark.parametrize(
    ("text", "choices", "problem"),
    [
        (BASIC, {"time_column": "time"}, "there is no column 'time'; the columns are timestamp, temperature"),
        ("", {}, "it is empty"),
        ("timestamp," + ",".join(f"c{i}" for i in range(40)) + "\n1000000000" + ",1" * 40, {}, "40 columns of numbers"),
        (f"datum,art,bauteil\n{DAY}T10:00:00Z,Ausfall,x\n", {}, "holds no readings"),
    ],
)
def test_a_file_that_does_not_fit_is_named_with_its_problem(
    tmp_path: Path, text: str, choices: dict[str, Any], problem: str
) -> None:
    """In words that say what to change."""
    with pytest.raises(EnergyTrackError, match=problem):
        recording(tmp_path, text, **choices)
