"""Machines through the API, with a real database."""

from typing import Any

from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest


def test_machines_are_listed_filtered_sorted_and_paged(plant: ApiUnderTest) -> None:
    """All machines of the plant, whether they have sent anything or not."""
    plant.says("press-0002", current=30.0)
    plant.says("unplanned-1", current=1.0, device_type="laser")
    everything: Any = plant.client.get("/api/devices").json
    assert everything["total"] == 301
    assert len(everything["devices"]) == 100
    page: Any = plant.client.get("/api/devices?line=press-shop&sort=power&descending=true&limit=1").json
    assert (page["total"], page["devices"][0]["device_id"]) == (60, "press-0002")
    assert page["devices"][0]["power_watts"] > 0
    assert problem(plant.client.get("/api/devices?limit=0"))[0] == 422
    assert problem(plant.client.get("/api/devices?linee=x"))[0] == 422
