"""Secrets may stand in files, so that they show in no list of processes or containers."""

from pathlib import Path

import pytest

from energytrack.errors import InvalidSettings
from energytrack.settings import KafkaSettings, MongoSettings, read_all


def test_a_secret_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mongo_uri"
    file.write_text("mongodb://energytrack:hush@mongo:27017\n", encoding="utf-8")
    settings = MongoSettings.from_env({"ENERGYTRACK_MONGO_URI_FILE": str(file)})
    assert settings.uri.get_secret_value() == "mongodb://energytrack:hush@mongo:27017"
    assert "hush" not in repr(settings)


def test_the_file_wins_over_the_variable(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("new", encoding="utf-8")
    env = {"ENERGYTRACK_KAFKA_PASSWORD": "old", "ENERGYTRACK_KAFKA_PASSWORD_FILE": str(file)}
    password = KafkaSettings.from_env(env).password
    assert password is not None
    assert password.get_secret_value() == "new"


def test_an_empty_name_counts_as_none() -> None:
    assert MongoSettings.from_env({"ENERGYTRACK_MONGO_URI_FILE": ""}) == MongoSettings()


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read_all({"ENERGYTRACK_MONGO_URI_FILE": str(tmp_path / "none")}, MongoSettings, KafkaSettings)
    assert refused.value.problems == (f"ENERGYTRACK_MONGO_URI_FILE: No such file or directory: {tmp_path / 'none'}",)


def test_only_secrets_are_read_from_files(tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_text("other", encoding="utf-8")
    assert MongoSettings.from_env({"ENERGYTRACK_MONGO_DATABASE_FILE": str(file)}).database == "energytrack"
