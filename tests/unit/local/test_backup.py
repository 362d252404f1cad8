"""What the verbs refuse, and what they keep out of a backup."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from local.__main__ import main
from local.backup import SECRETS, SETTINGS_FILE, _areas, _make_room, _write_settings
from local.errors import CannotPrepare
from local.lifecycle.checks import RESTORING, check_restored
from local.site import Site
from testkit.builders.messages import NOW


def test_settings_that_may_hold_passwords_stay_out(tmp_path: Path) -> None:
    """Those that name a file stay in: the file is not. So does the switch for passwords."""
    env = {
        "ENERGYTRACK_MONGO_READINGS_DAYS": "90",
        "ENERGYTRACK_MONGO_URI": "mongodb://maria:secret@db",
        "ENERGYTRACK_ALERTS_SMTP_PASSWORD_FILE": "/run/secrets/smtp",
        "ENERGYTRACK_CONTROL_API_CHANNELS": "maria = ntfy://secret",
        "ENERGYTRACK_LOCAL_PASSWORDS": "1",
        "PATH": "/bin",
    }
    hidden = _write_settings(Site(var=tmp_path), env)
    assert hidden == ["ENERGYTRACK_CONTROL_API_CHANNELS", "ENERGYTRACK_MONGO_URI"]
    text = (tmp_path / SETTINGS_FILE).read_text()
    assert "secret@" not in text
    assert text.splitlines() == [
        "ENERGYTRACK_ALERTS_SMTP_PASSWORD_FILE=/run/secrets/smtp",
        "ENERGYTRACK_LOCAL_PASSWORDS=1",
        "ENERGYTRACK_MONGO_READINGS_DAYS=90",
    ]


def test_what_holds_passwords_is_in_encrypted_backups_only(tmp_path: Path) -> None:
    """Grafana keeps its people's, and the alerts token, in its database; the gateway, its certificate's key."""
    areas = _areas(Site(var=tmp_path), prometheus=True)
    assert {area.name for area in areas if area.secret} == {"gateway", "grafana", SECRETS}


def test_only_what_the_same_backup_left_is_deleted(tmp_path: Path) -> None:
    """Another one may bring a folder that was there before: it is refused, or moved aside, as any plant is."""
    site, console = Site(var=tmp_path), Console(file=io.StringIO())

    def make_room(backup: str, *, replace: bool = False) -> None:
        _make_room(site, ("mongo", "prometheus/data"), backup, replace=replace, console=console, now=NOW)

    for name in ("mongo", "prometheus/data"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text("")
    (tmp_path / RESTORING).write_text("energytrack-1.tar.zst")
    with pytest.raises(CannotPrepare, match="already holds a plant"):
        make_room("energytrack-2.tar.zst")
    make_room("energytrack-2.tar.zst", replace=True)
    (aside,) = tmp_path.glob("before-restore-*")
    assert (aside / "prometheus" / "data" / "file").exists()
    (tmp_path / "mongo").mkdir()
    (tmp_path / "mongo" / "half").write_text("")
    make_room("energytrack-1.tar.zst")
    assert not (tmp_path / "mongo").exists()


def test_a_stack_does_not_start_on_half_a_plant(tmp_path: Path) -> None:
    assert check_restored(tmp_path) == []
    (tmp_path / RESTORING).write_text("energytrack-1.tar.zst")
    (sentence,) = check_restored(tmp_path)
    assert "only part of the backup energytrack-1.tar.zst" in sentence


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backup"], "There is no plant in"),
        (["backup", "--check", "nowhere"], "There is no file nowhere"),
        (["restore", "nowhere"], "There is no file"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENERGYTRACK_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("ENERGYTRACK_MONGO_URI", raising=False)
    assert main(arguments) == 1
    assert said in capsys.readouterr().out
