"""A real database for what the historian files, and a clock that stands still."""

import pytest

from energytrack.clock import ManualClock
from testkit.builders.messages import NOW


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)
