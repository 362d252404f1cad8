"""Lockout/tagout through the API."""

from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest

LOCK = "/api/devices/press-0001/lock"


def test_a_locked_machine_restarts_after_its_holder_released_it(plant: ApiUnderTest) -> None:
    """And nobody else can release it but an administrator, who says why."""
    locked = plant.client.post(LOCK, json={"reason": "changing the belt"})
    assert locked.status_code == 201
    assert (locked.get_json()["lock"]["holder"], locked.get_json()["open_restart"]) == ("grafana:maria", None)
    assert plant.client.get("/api/devices/press-0001").get_json()["lock"]["reason"] == "changing the belt"
    assert problem(order(plant.signed_in("anna"), "restart", override=True)) == (423, "device_locked")
    assert problem(plant.script("Editor").delete(LOCK)) == (403, "not_holder")
    assert problem(plant.signed_in("anna").delete(LOCK)) == (422, "reason_needed")
    assert problem(plant.signed_in("victor").delete(LOCK)) == (403, "not_allowed")
    assert plant.client.delete(LOCK).get_json()["released_by"] == "grafana:maria"
    assert order(plant.client, "restart").status_code == 202
    assert problem(plant.client.delete(LOCK)) == (409, "not_locked")


def test_an_administrators_release_is_kept(plant: ApiUnderTest) -> None:
    """Who, when and why; the holder reads it in the list."""
    plant.client.post(LOCK, json={"reason": "belt"})
    plant.signed_in("anna").delete(LOCK + "?reason=Maria+has+left")
    (kept,) = plant.client.get("/api/locks").get_json()["locks"]
    assert (kept["released_by"], kept["released_role"], kept["release_reason"]) == (
        "grafana:anna",
        "Admin",
        "Maria has left",
    )
    assert plant.client.get("/api/locks.csv").text.count("\r\n") == 2
