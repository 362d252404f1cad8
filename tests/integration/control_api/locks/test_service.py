"""Locks on file, with a real database."""

from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest

LOCK = "/api/devices/press-0001/lock"


def test_a_machine_is_under_one_lock(plant: ApiUnderTest) -> None:
    """The second caller learns who holds it; an unknown machine cannot be locked."""
    plant.client.post(LOCK, json={"reason": "belt"})
    response = plant.signed_in("anna").post(LOCK, json={"reason": "me too"})
    assert problem(response) == (423, "device_locked")
    assert "locked out by maria." in response.get_json()["detail"]
    assert problem(plant.client.post("/api/devices/none/lock", json={"reason": "x"})) == (404, "unknown_device")


def test_a_restart_under_way_is_shown_to_who_locks(plant: ApiUnderTest) -> None:
    """It cannot be called back: they wait for its end before they reach in."""
    given = order(plant.client, "restart").get_json()
    locked = plant.client.post(LOCK, json={"reason": "belt"}).get_json()
    assert locked["open_restart"]["command_id"] == given["command_id"]
