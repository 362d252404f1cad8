"""The command: files are shown, asked about, and written as a recording; the database has tests of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from energytrack.importer.__main__ import ImportDeclined, main
from energytrack.importer.choices import NotProved, UnreadableFile, read_profile
from energytrack.recording import read_recording
from testkit.builders.import_files import columns, starts
from testkit.dates import MONDAY

ENV = {"PLANT_FILE": str(Path(__file__).parents[4] / "plant.toml")}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "press.csv"
    path.write_text(columns(starts(MONDAY, 1)[10:], "%Y-%m-%dT%H:%M%z"))
    return path


def answering(*answers: str) -> Callable[[str], str]:
    given: Iterator[str] = iter(answers)
    return lambda _question: next(given)


def test_what_was_found_is_shown_with_its_reasons(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(ENV, [str(file), "--show", "--labels", "begin", "--values", "interval"])
    shown = capsys.readouterr().out
    for words in ("Rows as in the file", "Verbrauch [kWh]", "it cuts 100% of the lines", "21.500 kWh"):
        assert words in shown


def test_what_is_not_proved_is_asked_on_a_terminal(file: Path, tmp_path: Path) -> None:
    """Until an answer fits; and kept as a profile."""
    out, profile = tmp_path / "out", tmp_path / "press.toml"
    command = [str(file), "--recording", str(out), "--profile", str(profile)]
    main(ENV, command, answer=answering("perhaps", "begin", "y"))
    assert len(read_recording(out)) == 86
    assert (read_profile(profile).labels, read_profile(profile).values) == ("begin", "interval")
    main(ENV, [*command, "--yes"])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("every_seconds = -60.0", "every_seconds"),
        ("every_seconds = nan", "every_seconds"),
        (f"starts = {MONDAY}T06:00:00", "starts"),
        ("every = 60.0", "every"),
    ],
)
def test_a_profile_expects_what_the_flags_expect(tmp_path: Path, line: str, problem: str) -> None:
    """Else times would run backwards, or begin when it is six where the command runs."""
    profile = tmp_path / "engine.toml"
    profile.write_text(line)
    with pytest.raises(UnreadableFile, match=problem):
        read_profile(profile)


def test_without_a_terminal_the_flag_is_named(file: Path) -> None:
    with pytest.raises(NotProved, match="--labels begin"):
        main(ENV, [str(file), "--yes"])


def test_a_unit_that_cannot_be_right_is_refused_or_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused with both ways out where nobody answers; on a terminal, its own unit as answer is a yes."""
    path, profile = tmp_path / "press-0001.csv", tmp_path / "press.toml"
    path.write_text(columns(starts(MONDAY, 1), "%Y-%m-%dT%H:%M%z", value="6500"))
    command = [str(path), "--labels", "begin", "--values", "interval"]
    for way in (["--show"], ["--recording", str(tmp_path / "out"), "--yes"]):
        with pytest.raises(
            NotProved, match=r"it looks like Wh. Use: --unit Wh; or, if kWh is right, --amounts as_stated"
        ):
            main(ENV, [*command, *way])
    assert not (tmp_path / "out").exists()
    command += ["--recording", str(tmp_path / "out"), "--profile", str(profile)]
    main(ENV, command, answer=answering("Wh", "y"))
    assert "624.000 kWh" in capsys.readouterr().out
    assert (read_profile(profile).unit, read_profile(profile).amounts) == ("Wh", None)
    main(ENV, [*command[:-2], "--profile", str(tmp_path / "other.toml")], answer=answering("kWh", "y"))
    assert "624,000.000 kWh" in capsys.readouterr().out
    assert read_profile(tmp_path / "other.toml").amounts == "as_stated"


def test_nothing_is_written_without_a_yes(file: Path, tmp_path: Path) -> None:
    command = [str(file), "--recording", str(tmp_path / "out"), "--labels", "begin"]
    with pytest.raises(ImportDeclined, match="--yes"):
        main(ENV, command)
    with pytest.raises(ImportDeclined, match="nothing was stored"):
        main(ENV, command, answer=answering("no"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "command", [[], ["--take-back", "1"], ["a.csv", "b.csv", "--recording", "out"], ["a", "--machine", "x"]]
)
def test_commands_that_do_not_fit_are_refused(command: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(ENV, command)


@pytest.mark.parametrize(
    ("flag", "value", "problem"),
    [
        ("--every", "hourly", "expected a number above 0, got 'hourly'"),
        ("--horizon", "0", "expected a number above 0, got '0'"),
        ("--starts", "soon", "expected a time with its zone"),
        ("--starts", f"{MONDAY}T06:00", "expected a time with its zone"),
        ("--signal", "T1", "expected COLUMN=SIGNAL, got 'T1'"),
        ("--machine", "=press-0001", "expected NAME=MACHINE, got '=press-0001'"),
        ("--machine", "Presse 1=press 1", "where MACHINE is a letter or digit"),
    ],
)
def test_a_flag_says_what_it_expects(
    file: Path, capsys: pytest.CaptureFixture[str], flag: str, value: str, problem: str
) -> None:
    with pytest.raises(SystemExit):
        main(ENV, [str(file), flag, value])
    assert problem in capsys.readouterr().err
