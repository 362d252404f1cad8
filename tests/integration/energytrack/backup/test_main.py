"""The commands of containers: a backup is made, checked and restored by them, from a database and folders to others."""

import re
from pathlib import Path

import pytest
from pymongo import MongoClient

from energytrack.backup.__main__ import main
from energytrack.backup.errors import BackupFailed
from energytrack.settings import MongoSettings
from energytrack.store import Store
from testkit.builders.control import an_order
from testkit.builders.messages import a_reading

PLANT = Path(__file__).resolve().parents[4] / "plant.toml"


@pytest.fixture
def env(settings: MongoSettings) -> dict[str, str]:
    return names(settings)


def names(settings: MongoSettings) -> dict[str, str]:
    return {
        "ENERGYTRACK_MONGO_URI": settings.uri.get_secret_value(),
        "ENERGYTRACK_MONGO_DATABASE": settings.database,
        "ENERGYTRACK_PLANT_FILE": str(PLANT),
    }


def orders_in(settings: MongoSettings) -> int:
    with MongoClient[dict[str, object]](settings.uri.get_secret_value()) as client:
        return client[settings.database]["commands"].count_documents({})


def test_a_plant_moves_to_another_computer(
    store: Store, env: dict[str, str], elsewhere: MongoSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its secrets, because it is encrypted; in the two steps that Compose needs."""
    store.readings.put([a_reading()])
    store.commands.add(an_order())
    secrets, backups, key = tmp_path / "secrets", tmp_path / "backups", tmp_path / "key"
    secrets.mkdir()
    (secrets / "token").write_text("42")
    main({}, ["key", str(key)])
    recipient = re.search(r"age1\w+", capsys.readouterr().out)
    assert recipient is not None
    main(env, ["make", "--to", str(backups), "--recipient", recipient.group(), "--secret", f"secrets={secrets}"])
    (file,) = backups.iterdir()
    main({}, ["check", str(file), "--key", str(key)])
    assert "Whole:" in capsys.readouterr().out
    there, new = tmp_path / "there", names(elsewhere)
    restoring = ["restore", str(file), "--key", str(key), "--secret", f"secrets={there}"]
    main(new, [*restoring, "--only", "files"])
    assert (there / "token").read_text() == "42"
    main(new, [*restoring, "--only", "database"])
    assert orders_in(elsewhere) == 1
    with pytest.raises(BackupFailed, match="--replace"):
        main(new, [*restoring, "--only", "files"])


def test_a_place_for_backups_has_to_be_named(env: dict[str, str]) -> None:
    with pytest.raises(BackupFailed, match="ENERGYTRACK_BACKUP_FOLDER"):
        main(env, ["make"])


def test_only_who_has_the_key_can_check(
    env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main({}, ["key", str(tmp_path / "key")])
    recipient = re.search(r"age1\w+", capsys.readouterr().out)
    assert recipient is not None
    main(env | {"ENERGYTRACK_BACKUP_RECIPIENTS": recipient.group()}, ["make", "--to", str(tmp_path / "backups")])
    (file,) = (tmp_path / "backups").iterdir()
    with pytest.raises(BackupFailed, match="key"):
        main({}, ["check", str(file)])


def test_a_folder_that_cannot_be_written_is_named(env: dict[str, str], tmp_path: Path) -> None:
    in_the_way = tmp_path / "mnt"
    in_the_way.write_text("no folder")
    with pytest.raises(BackupFailed, match=f"The backup cannot be made: {in_the_way}.*: Not a directory"):
        main(env, ["make", "--to", str(in_the_way / "backups")])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match=f"The backup cannot be read: {tmp_path}: Is a directory"):
        main({}, ["check", str(tmp_path)])
