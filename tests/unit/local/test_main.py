"""What the verbs refuse before they touch anything."""

from pathlib import Path

import pytest

from local.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--devices", "abc"], "expected a whole number from 1 to 100,000, got 'abc'"),
        (["--devices", "0"], "expected a whole number from 1 to 100,000, got '0'"),
        (["--devices", "100001"], "expected a whole number from 1 to 100,000, got '100001'"),
        (["--speed", "0"], "expected a number above 0, got '0'"),
        (["--speed", "nan"], "expected a number above 0, got 'nan'"),
        (["--speed", "fast"], "expected a number above 0, got 'fast'"),
        (["--plants", "plant-a,"], "each once and none of ours, got ''"),
        (["--plants", "plant-a,centre"], "each once and none of ours, got 'centre'"),
        (["--plants", "plant-a,plant-a"], "each once and none of ours, got 'plant-a', 'plant-a'"),
        (["--replay", "/nowhere"], "there is no recording.toml in '/nowhere'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_at_once(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENERGYTRACK_VAR", str(tmp_path / "var"))
    with pytest.raises(SystemExit) as ended:
        main(["up", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "var").exists()


def test_plants_of_no_size_are_refused_before_their_centre_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENERGYTRACK_VAR", str(tmp_path / "var"))
    with pytest.raises(SystemExit) as ended:
        main(["plants", "up", "--devices", "0"])
    assert ended.value.code == 2
    assert "expected a whole number from 1 to 100,000, got '0'" in capsys.readouterr().err
    assert not (tmp_path / "var").exists()
