"""Headers that only the front door may set."""

from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest


def test_an_order_keeps_where_it_came_from(plant: ApiUnderTest) -> None:
    """The front door's word counts, a caller's own does not."""
    headers = {"X-Forwarded-For": "203.0.113.9"}
    client = plant.script("Editor")
    body = {"device_id": "press-0001", "reason": "x"}
    by_the_door = client.post("/api/shutdown", json=body, headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    assert by_the_door.get_json()["address"] == "203.0.113.9"
    body["device_id"] = "press-0002"
    direct = client.post("/api/shutdown", json=body, headers=headers, environ_base={"REMOTE_ADDR": "198.51.100.4"})
    assert direct.get_json()["address"] == "198.51.100.4"


def test_metrics_are_for_those_inside(plant: ApiUnderTest) -> None:
    """Prometheus reads them directly; through the front door nobody does."""
    assert plant.nobody().get("/metrics").status_code == 200
    through = {"X-Forwarded-For": "203.0.113.9"}
    assert problem(plant.nobody().get("/metrics", headers=through)) == (401, "not_signed_in")
    assert problem(plant.signed_in("anna").get("/metrics", headers=through)) == (403, "not_allowed")
