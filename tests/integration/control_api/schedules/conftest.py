from collections.abc import Iterator

import pytest

from tests.integration.control_api.conftest import Plant


@pytest.fixture(autouse=True)
def jobs(plant: Plant) -> Iterator[None]:
    plant.services.schedules.jobs.start()
    yield
    plant.services.schedules.jobs.stop()
