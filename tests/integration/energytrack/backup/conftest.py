"""Two databases: one with a plant, and an empty one."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from energytrack.settings import MongoSettings


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
