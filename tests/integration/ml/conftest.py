"""A plant's past in a real database, and a retrainer that learns from it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from energytrack.store import Store
from ml.retraining.retrainer import Retrainer
from testkit.control_builders import a_store
from testkit.retrain_builders import a_retrainer, file_history


@pytest.fixture
def store(mongo_uri: str, mongo_database: str) -> Iterator[Store]:
    with closing(a_store(mongo_uri, mongo_database)) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def filed(store: Store) -> Store:
    file_history(store)
    return store


@pytest.fixture
def retrainer(filed: Store, tmp_path: Path) -> Retrainer:
    return a_retrainer(filed, tmp_path)
