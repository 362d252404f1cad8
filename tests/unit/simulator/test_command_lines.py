"""The commands that people type."""

import subprocess
import sys
from pathlib import Path

import pytest

from energytrack.errors import InvalidSettings
from energytrack.importer.choices import UnreadableFile
from energytrack.recording import read_recording
from simulator.__main__ import main as simulator
from simulator.replay import main as replay
from testkit.builders.plants import PLANT_FILE
from testkit.dates import DAY

ENV = {"ENERGYTRACK_PLANT_FILE": str(PLANT_FILE)}


def test_a_history_is_written_where_it_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a word about how much it is."""
    arguments = [
        "history",
        "--out",
        str(tmp_path),
        "--devices",
        "6",
        "--days",
        "0.1",
        "--until",
        f"{DAY}T10:00+01:00",
    ]
    simulator(ENV, arguments)
    recording = read_recording(tmp_path)
    assert len(recording) == 6 * 144
    assert "864 readings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["history", "--out", "x", "--until", f"{DAY}T10:00"], "has no zone"),
        (["inject", "--device", "cnc-0001", "--fault", "bearing_wear", "--over", "soon"], "write 90s, 5m"),
        (["inject", "--device", "cnc-0001"], "required: --fault, --over"),
        (["explode"], "invalid choice"),
    ],
)
def test_what_cannot_be_meant_is_explained(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, like any tool."""
    with pytest.raises(SystemExit) as ended:
        simulator(ENV, arguments)
    assert ended.value.code == 2
    assert word in capsys.readouterr().err


def test_an_injection_without_a_simulator_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1."""
    env = {**ENV, "ENERGYTRACK_SIMULATOR_STATE_FOLDER": str(tmp_path)}
    with pytest.raises(SystemExit) as ended:
        simulator(env, ["inject", "--device", "cnc-0001", "--fault", "bearing_wear", "--over", "5m"])
    assert ended.value.code == 1
    assert "no simulator runs on" in capsys.readouterr().err


def test_settings_that_do_not_fit_are_all_named() -> None:
    """Before anything connects."""
    env = {**ENV, "ENERGYTRACK_SIMULATOR_SEED": "x", "ENERGYTRACK_KAFKA_PARTITIONS": "0"}
    with pytest.raises(InvalidSettings) as caught:
        simulator(env, [])
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--speed", "max"], "needs --timestamps keep"),
        (["--loop", "--timestamps", "keep"], "--loop needs --timestamps now"),
        (["--speed", "0"], "expected a number above 0"),
        (["--column", "temperature"], "expected SIGNAL=COLUMN"),
    ],
)
def test_a_replay_that_makes_no_sense_is_refused(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the reason."""
    with pytest.raises(SystemExit):
        replay({}, ["--recording", "x", *arguments])
    assert word in capsys.readouterr().err


def test_a_recording_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Before anything connects."""
    with pytest.raises(UnreadableFile, match="nowhere: it cannot be read: No such file"):
        replay({}, ["--recording", str(tmp_path / "nowhere")])


def test_the_live_plant_spares_the_imports_of_histories() -> None:
    """They would be a third of its start."""
    code = "import sys, simulator.__main__; print('pandas' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
