"""Orders through the API, with a real database."""

from typing import Any

from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import Plant


def test_orders_are_listed_newest_first(plant: Plant) -> None:
    """Page by page, by machine, by person."""
    for number in range(1, 4):
        assert order(plant.client, device_id=f"press-000{number}").status_code == 202
    page: Any = plant.client.get("/api/commands?limit=2").json
    assert [each["device_id"] for each in page["commands"]] == ["press-0003", "press-0002"]
    page = plant.client.get(f"/api/commands?limit=2&before={page['next']}").json
    assert [each["device_id"] for each in page["commands"]] == ["press-0001"]
    assert page["next"] is None
    assert len(plant.client.get("/api/commands?device_id=press-0002").get_json()["commands"]) == 1
    assert len(plant.client.get("/api/commands?requested_by=grafana:maria").get_json()["commands"]) == 3
    assert plant.client.get("/api/commands?status=done").get_json()["commands"] == []


def test_a_button_gives_its_reason_in_the_address(plant: Plant) -> None:
    """Where quotation marks, as people type them, break nothing; without any reason there is no order."""
    body = {"device_id": "press-0001"}
    assert problem(plant.client.post("/api/shutdown", json=body)) == (422, "reason_needed")
    reason = 'smells "hot" & drips\\'
    given = plant.client.post("/api/shutdown", query_string={"reason": reason}, json=body)
    assert given.status_code == 202, given.text
    assert given.get_json()["reason"] == reason
    twice = plant.client.post("/api/shutdown", query_string={"reason": "a", "device_id": "press-0002"}, json=body)
    assert problem(twice) == (422, "invalid_request")
