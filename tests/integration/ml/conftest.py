"""A plant's past in a real database, and a retrainer that learns from it."""

from pathlib import Path

import pytest

from energytrack.store import Store
from ml.retraining.retrainer import Retrainer
from testkit.builders.retraining import a_retrainer, file_history


@pytest.fixture
def filed(store: Store) -> Store:
    file_history(store)
    return store


@pytest.fixture
def retrainer(filed: Store, tmp_path: Path) -> Retrainer:
    return a_retrainer(filed, tmp_path)
