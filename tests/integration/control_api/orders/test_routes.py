"""Orders through the API, with a real database."""

from dataclasses import replace
from typing import Any

from prometheus_client import CollectorRegistry

from control_api.app import create_app
from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


def test_orders_are_listed_newest_first(plant: ApiUnderTest) -> None:
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


def test_a_button_gives_its_reason_in_the_address(plant: ApiUnderTest) -> None:
    """Where quotation marks, as people type them, break nothing; without any reason there is no order."""
    body = {"device_id": "press-0001"}
    assert problem(plant.client.post("/api/shutdown", json=body)) == (422, "reason_needed")
    reason = 'smells "hot" & drips\\'
    given = plant.client.post("/api/shutdown", query_string={"reason": reason}, json=body)
    assert given.status_code == 202, given.text
    assert given.get_json()["reason"] == reason
    twice = plant.client.post("/api/shutdown", query_string={"reason": "a", "device_id": "press-0002"}, json=body)
    assert problem(twice) == (422, "invalid_request")


def test_an_order_without_a_reason_is_refused_with_how_to_give_one(plant: ApiUnderTest) -> None:
    """The plainest call there is, as a script would try it first."""
    plant.says("press-0001", state="idle")
    answer = plant.script("Editor").post("/api/shutdown", json={"device_id": "press-0001"})
    assert problem(answer) == (422, "reason_needed")
    assert '{"device_id": "press-0001", "reason": "end of shift"}' in answer.get_json()["detail"]
    assert "/api/shutdown?reason=" in answer.get_json()["detail"]


def test_scripts_may_leave_the_reason_out_where_a_setting_says_so(plant: ApiUnderTest) -> None:
    """People may not."""
    settings = plant.services.settings.model_copy(update={"token_reason": "by the line's controller"})
    app = create_app(replace(plant.services, settings=settings, registry=CollectorRegistry()), is_ready=lambda: True)
    other = replace(plant, app=app)
    plant.says("press-0001", state="idle")
    placed = other.script("Editor").post("/api/shutdown", json={"device_id": "press-0001"})
    assert (placed.status_code, placed.get_json()["reason"]) == (202, "by the line's controller")
    assert (
        problem(other.signed_in("maria").post("/api/shutdown", json={"device_id": "press-0002"}))[1] == "reason_needed"
    )
