"""What the application answers of itself."""

from tests.integration.control_api.calls import order
from tests.integration.control_api.conftest import ApiUnderTest


def test_it_says_how_it_is(plant: ApiUnderTest) -> None:
    """Whether it is ready, and what it has counted."""
    order(plant.client)
    assert plant.client.get("/healthz").text == "ready\n"
    metrics = plant.nobody().get("/metrics").text
    assert 'energytrack_control_orders_total{action="shutdown",status="sent"} 1.0' in metrics
    assert 'route="/api/shutdown",status="202"' in metrics
