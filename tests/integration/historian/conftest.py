"""A real database for what the historian files, and a clock that stands still."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from energytrack.clock import ManualClock
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from testkit.builders import NOW


@pytest.fixture
def store(mongo_uri: str, mongo_database: str) -> Iterator[Store]:
    env = {"ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_MONGO_DATABASE": mongo_database}
    with closing(open_store(MongoSettings.from_env(env))) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)
