"""What many tests of `ml` learn from; made once, since it takes seconds."""

import numpy as np
import pytest

from energytrack.recording import Recording
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from testkit.builders.recordings import a_worn_recording


@pytest.fixture(scope="session")
def recording() -> Recording:
    """Ten machines over twenty days, hourly, that wear and fail."""
    return a_worn_recording(devices=10, hours=480)


@pytest.fixture(scope="session")
def table(recording: Recording) -> Table:
    """The same as a training table, with rows that saw only a part of their past."""
    return tabulate(recording, describe(recording), hide=np.random.default_rng(0))
