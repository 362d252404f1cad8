"""Vibration files as features: each figure of a signal that is known, and the traps of folders full of files."""

import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from energytrack.errors import EnergyTrackError, StoreUnavailable
from energytrack.importer.__main__ import main
from energytrack.importer.choices import Choices, NotProved, UnreadableFile
from energytrack.importer.content import Content
from energytrack.importer.formats.vibration import Sampling, band_names, features_of, vibration_of
from energytrack.recording import read_recording
from local.site import HOST
from testkit.builders.import_files import vibration
from testkit.dates import NOW, PLANT_ZONE

RATE = 25_600.0
TEN_SECONDS = timedelta(seconds=10)
ENV = {"PLANT_FILE": str(Path(__file__).parents[5] / "plant.toml")}


def read(folder: Path, *, numbered: bool = False, rate: float = RATE, **choices: str) -> Content:
    sampling = Sampling(rate, NOW, 10.0) if numbered else Sampling(rate)
    return vibration_of([folder], sampling, Choices(**choices), plant_zone=PLANT_ZONE.key)  # type: ignore[arg-type]


def test_a_sine_has_the_figures_of_a_sine() -> None:
    """RMS, kurtosis 1.5, crest √2, all of its energy in its band; a constant offset changes nothing."""
    t = np.arange(2560) / RATE
    found = features_of(7.0 + 2.0 * np.sin(2 * np.pi * 2000 * t), RATE)
    assert found["rms"] == pytest.approx(2**0.5)
    assert found["kurtosis"] == pytest.approx(1.5)
    assert found["crest"] == pytest.approx(2**0.5, rel=1e-3)
    assert found["band_1600_3200"] == pytest.approx(2.0)
    assert sum(value for name, value in found.items() if name.startswith("band")) == pytest.approx(2.0)


@pytest.mark.parametrize("count", [2560, 2561])
def test_bands_add_up_to_the_square_of_the_rms_and_impacts_show_in_kurtosis(count: int) -> None:
    noise = np.random.default_rng(5).normal(size=count)
    found = features_of(noise, RATE)
    assert sum(value for name, value in found.items() if name.startswith("band")) == pytest.approx(found["rms"] ** 2)
    assert found["kurtosis"] == pytest.approx(3.0, abs=0.3)
    noise[::256] += 8.0
    assert features_of(noise, RATE)["kurtosis"] > 5.0


@pytest.mark.parametrize("rate", [0.2, 1.0, 2.0, 8.0, 15.0, 16.0, 100.0, RATE])
def test_bands_have_names_of_their_own_at_any_rate(rate: float) -> None:
    """None is lost behind another one of its name, and no higher rate's names change."""
    found = features_of(np.random.default_rng(5).normal(size=2560), rate)
    bands = [value for name, value in found.items() if name.startswith("band")]
    assert len(bands) == 4
    assert sum(bands) == pytest.approx(found["rms"] ** 2)
    assert all(identifier_of_signal(f"a_{name}") for name in found)


def test_names_of_bands_are_whole_hertz_where_that_tells_them_apart() -> None:
    assert band_names(RATE) == ("band_0_1600", "band_1600_3200", "band_3200_6400", "band_6400_12800")
    assert band_names(1.0) == ("band_0p00_0p06", "band_0p06_0p12", "band_0p12_0p25", "band_0p25_0p50")


def identifier_of_signal(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_ -]*", name) is not None and len(name) <= 64


def test_channels_with_headings_alike_stay_two(tmp_path: Path) -> None:
    """Their names are cut at forty letters, and units are no part of them."""
    heads = [
        "Acceleration of the main bearing housing, horizontal",
        "Acceleration of the main bearing housing, vertical",
    ]
    for i in range(2):
        rows = [f"{a};{2 * a}" for a in np.random.default_rng(i).normal(size=300).round(4)]
        (tmp_path / f"{NOW + i * TEN_SECONDS:%Y.%m.%d.%H.%M.%S}").write_text("\n".join([";".join(heads), *rows]))
    (signals,) = read(tmp_path, decimal=".", zone=PLANT_ZONE.key).signals.values()
    names = [name for name in signals.values if name.endswith("_rms")]
    assert len(names) == 2
    assert signals.values[names[1]] == pytest.approx(2.0 * signals.values[names[0]])
    assert max(map(len, signals.values)) <= 64


def test_a_dead_sensor_has_no_shape() -> None:
    found = features_of(np.full(2560, 0.3), RATE)
    assert found["rms"] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan([found["kurtosis"], found["crest"]]).all()
    assert np.isnan(features_of(np.zeros(10), RATE)["rms"])


def test_names_of_files_bear_the_time_and_names_of_signals_are_shown(tmp_path: Path) -> None:
    for i in range(3):
        at = NOW + i * TEN_SECONDS
        (tmp_path / f"{at:%Y.%m.%d.%H.%M.%S}").write_text(vibration(seed=i, separator="\t", heading=None))
    with pytest.raises(NotProved, match="--zone"):
        read(tmp_path)
    content = read(tmp_path, zone="UTC", device="pump-1")
    (signals,) = content.signals.values()
    assert signals.at_ms.tolist() == [round((NOW + i * TEN_SECONDS).timestamp() * 1000) for i in range(3)]
    assert list(signals.values)[:4] == ["column_1_rms", "column_1_kurtosis", "column_1_crest", "column_1_band_0_1600"]
    (shown,) = [each.why for each in content.findings if each.what == "signals"]
    assert "'column 1' is column_1" in shown
    assert "_band_6400_12800" in shown


def test_numbered_files_follow_their_numbers(tmp_path: Path) -> None:
    """10 comes after 2; one that is missing leaves its gap."""
    for i in (1, 2, 10):
        (tmp_path / f"acc_{i}.csv").write_text(vibration(seed=i, amplitude=float(i)))
    with pytest.raises(UnreadableFile, match="--starts"):
        read(tmp_path)
    (signals,) = read(tmp_path, numbered=True).signals.values()
    assert np.diff(signals.at_ms).tolist() == [10_000, 80_000]
    assert (np.diff(signals.values["horizontal_rms"]) > 0).all()


def test_a_column_of_time_is_no_channel_and_proves_the_rate(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text(vibration(time_column=True))
    assert "horizontal_rms" in read(tmp_path, numbered=True).signals[tmp_path.name].values
    assert not [name for name in read(tmp_path, numbered=True).signals[tmp_path.name].values if "time" in name]
    with pytest.raises(UnreadableFile, match="25,600 Hz, not 12800"):
        read(tmp_path, numbered=True, rate=12_800.0)


def test_a_file_that_was_cut_off_or_spoilt_is_unknown(tmp_path: Path) -> None:
    whole = vibration()
    for i, text in enumerate((whole, whole, whole[: len(whole) // 4], whole.replace("\n0.", "\nx0.", 1)), 1):
        (tmp_path / f"{i}.csv").write_text(text)
    content = read(tmp_path, numbered=True)
    (signals,) = content.signals.values()
    known = np.isfinite(signals.values["horizontal_rms"]).tolist()
    assert known[:3] == [True, True, False]
    assert not known[3]
    assert len([each for each in content.findings if each.what == "cells"]) == 2


def test_files_that_do_not_fit_together_are_named(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text(vibration())
    (tmp_path / "2.csv").write_text(vibration(time_column=True))
    with pytest.raises(UnreadableFile, match=r"2\.csv.*3 columns"):
        read(tmp_path, numbered=True)
    (tmp_path / "2.csv").rename(tmp_path / "01.csv")
    with pytest.raises(UnreadableFile, match="same time or number"):
        read(tmp_path, numbered=True)


def test_the_command_writes_a_recording(tmp_path: Path) -> None:
    folder, out = tmp_path / "pump-1", tmp_path / "out"
    folder.mkdir()
    for i in range(4):
        (folder / f"{i}.csv").write_text(vibration(seed=i))
    command = [str(folder), "--vibration", "25600", "--starts", NOW.isoformat(), "--every", "10"]
    main(ENV, [*command, "--recording", str(out), "--yes"])
    recording = read_recording(out)
    assert ([each.device_id for each in recording.devices], len(recording)) == (["pump-1"], 4)
    assert recording.interval_seconds == 10.0
    assert len(recording.signals) == 14


def test_a_profile_says_how_long_one_numbered_file_is_after_the_other(tmp_path: Path) -> None:
    folder, out, profile = tmp_path / "pump-1", tmp_path / "out", tmp_path / "rig.toml"
    folder.mkdir()
    for i in range(2):
        (folder / f"{i}.csv").write_text(vibration(seed=i))
    profile.write_text("every_seconds = 10.0")
    command = [str(folder), "--vibration", "25600", "--starts", NOW.isoformat(), "--profile", str(profile), "--yes"]
    main(ENV, [*command, "--recording", str(out)])
    assert read_recording(out).interval_seconds == 10.0


def test_each_folder_is_a_machine_that_ran_until_it_failed(tmp_path: Path) -> None:
    """Files of several bearings, of which each failed at its last one."""
    out = tmp_path / "out"
    for bearing, files in (("bearing-1", 3), ("bearing-2", 5)):
        (tmp_path / bearing).mkdir()
        for i in range(files):
            (tmp_path / bearing / f"acc_{i}.csv").write_text(vibration(seed=i))
    folders = [str(tmp_path / "bearing-1"), *map(str, sorted((tmp_path / "bearing-2").iterdir()))]
    command = [*folders, "--vibration", "25600", "--starts", NOW.isoformat(), "--every", "10", "--yes"]
    main(ENV, [*command, "--recording", str(out), "--run-to-failure", "--horizon", "0.5"])
    recording = read_recording(out)
    assert [each.device_id for each in recording.devices] == ["bearing-1", "bearing-2"]
    assert np.bincount(recording.device).tolist() == [3, 5]
    assert recording.horizon_hours == 0.5
    failed = {event.device_id: event.timestamp - NOW for event in recording.events}
    assert failed == {"bearing-1": 2 * TEN_SECONDS, "bearing-2": 4 * TEN_SECONDS}
    with pytest.raises(EnergyTrackError, match="each of its 2 folders is a machine"):
        main(ENV, [*command, "--recording", str(out), "--device", "pump-1"])


def test_two_folders_of_the_same_name_are_refused(tmp_path: Path) -> None:
    """Else the files of two bearings would be mixed."""
    for part in ("learning", "test"):
        (tmp_path / part / "bearing").mkdir(parents=True)
        (tmp_path / part / "bearing" / "0.csv").write_text(vibration())
    folders = [tmp_path / "learning" / "bearing", tmp_path / "test" / "bearing"]
    with pytest.raises(UnreadableFile, match="another folder is the machine 'bearing', too"):
        vibration_of(folders, Sampling(RATE, NOW, 10.0), Choices(), plant_zone=PLANT_ZONE.key)


def test_the_command_says_within_seconds_that_there_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "pump-1").mkdir()
    (tmp_path / "pump-1" / "0.csv").write_text(vibration(seed=0))
    command = [str(tmp_path / "pump-1"), "--vibration", "25600", "--starts", NOW.isoformat(), "--every", "10", "--yes"]
    with pytest.raises(StoreUnavailable):
        main({**ENV, "ENERGYTRACK_MONGO_URI": f"mongodb://{HOST}:1"}, command)


@pytest.mark.parametrize("number", [10**11, 10**30])
def test_a_number_that_leads_beyond_all_times_is_named(tmp_path: Path, number: int) -> None:
    """Such as the serial number of the recorder."""
    for name in ("1", str(number)):
        (tmp_path / f"a_{name}.csv").write_text(vibration(seed=1))
    with pytest.raises(UnreadableFile, match=f"a_{number}.csv: its number is too far"):
        read(tmp_path, numbered=True)
