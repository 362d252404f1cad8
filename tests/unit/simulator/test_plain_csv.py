"""Plain CSV files."""

from pathlib import Path

import numpy as np
import pytest

from energytrack.plant import Device
from energytrack.recording import InvalidRecording
from simulator.plain_csv import Columns, identifier_of, read_csv
from testkit.dates import DAY, NOW

PUMP = Device("pump-1", "pump", "water")
BASIC = f"""timestamp,temperature,pressure,current,rpm,remark
{DAY}T00:00:01Z,41,2.5,3,1440,ok
{DAY}T00:00:00Z,40,,3,1450,ok
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "Pump 1 (old).csv"
    path.write_text(text)
    return path


def test_columns_of_our_names_need_no_mapping(tmp_path: Path) -> None:
    """Further numbers become signals, words are left out, rows are sorted, an empty cell is a lost sensor."""
    recording = read_csv(written(tmp_path, BASIC), Columns(), PUMP)
    assert list(recording.values) == ["temperature", "pressure", "current", "rpm"]
    assert recording.values["temperature"].tolist() == [40.0, 41.0]
    assert np.isnan(recording.values["pressure"][0])
    assert (recording.devices, recording.interval_seconds) == ((PUMP,), 1.0)


def test_other_columns_are_mapped(tmp_path: Path) -> None:
    """By name, with any of the usual separators, and several machines in one file."""
    start = int(NOW.timestamp())
    told = ((0, "P 1;40;1"), (60, "P 2;50;2"), (60, "P 1;41;1"), (120, "P 1;42;1"))
    text = "zeit;maschine;T1;I\n" + "".join(f"{start + after};{rest}\n" for after, rest in told)
    columns = Columns("zeit", "maschine", {"temperature": "T1", "current": "I"})
    recording = read_csv(written(tmp_path, text), columns, PUMP)
    assert [device.device_id for device in recording.devices] == ["P-1", "P-2"]
    assert recording.timestamp[0] == start * 1000
    assert recording.interval_seconds == 60.0
    assert recording.device.tolist() == [0, 1, 0, 0]


def test_only_what_is_named_where_wanted(tmp_path: Path) -> None:
    """Other numbers may mean nothing."""
    recording = read_csv(written(tmp_path, BASIC), Columns(signals={"speed": "rpm"}, only_named=True), PUMP)
    assert list(recording.values) == ["speed", "temperature", "pressure", "current"]


@pytest.mark.parametrize(
    ("text", "columns", "problem"),
    [
        (BASIC, Columns(timestamp="time"), "there is no column 'time'; the columns are timestamp, temperature"),
        (BASIC, Columns(signals={"temperature": "remark"}), "Unable to parse string"),
        (BASIC.replace(f"{DAY}T00:00:00Z", "yesterday"), Columns(), "yesterday"),
        ("", Columns(), "No columns"),
        ("timestamp," + ",".join(f"c{i}" for i in range(40)) + "\n0" + ",1" * 40, Columns(), "40 numeric columns"),
    ],
)
def test_a_file_that_does_not_fit_is_named_with_its_problem(
    tmp_path: Path, text: str, columns: Columns, problem: str
) -> None:
    """In words that say what to change."""
    with pytest.raises(InvalidRecording, match=problem):
        read_csv(written(tmp_path, text), columns, PUMP)


def test_a_file_s_name_makes_an_id(tmp_path: Path) -> None:
    """Of the letters that ids may have."""
    assert identifier_of(tmp_path / "Pump 1 (old).csv") == "Pump-1-old"
    assert identifier_of(tmp_path / "___.csv") == "device"
