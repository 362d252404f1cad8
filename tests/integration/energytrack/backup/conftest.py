"""Two databases: one with a plant, and an empty one; and what is to be backed up, and where."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from energytrack.backup.making import BackupOrder
from energytrack.settings import MongoSettings
from energytrack.store.contents import Contents, open_contents


@pytest.fixture
def settings(mongo_uri: str, mongo_database: str) -> MongoSettings:
    return MongoSettings(uri=mongo_uri, database=mongo_database)


@pytest.fixture
def elsewhere(mongo_uri: str, mongo_database: str) -> Iterator[MongoSettings]:
    """An empty database."""
    name = f"{mongo_database}_elsewhere"
    yield MongoSettings(uri=mongo_uri, database=name)
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        client.drop_database(name)


@pytest.fixture
def contents(settings: MongoSettings) -> Iterator[Contents]:
    with closing(open_contents(settings)) as opened:
        yield opened


@pytest.fixture
def order(tmp_path: Path) -> BackupOrder:
    return BackupOrder(folder=tmp_path / "backups", areas=(), plant="test", release="0.2.0")
