"""What several tests of the API ask of it."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.control_api.conftest import ApiUnderTest


def order(client: FlaskClient, action: str = "shutdown", *, key: str | None = None, **body: Any) -> TestResponse:
    given: dict[str, Any] = {"device_id": "press-0001", "reason": "overheating"}
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/api/{action}", json=given | body, headers=headers)


def problem(response: TestResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert response.json["status"] == response.status_code
    return response.status_code, response.json["type"].removeprefix("urn:energytrack:problem:")


def rule_says(plant: ApiUnderTest, payload: dict[str, Any]) -> Any:
    response = plant.script("Editor", "alerting").post("/api/alerts", json=payload)
    assert response.status_code == 200, response.text
    return response.get_json()


def only_alarm(plant: ApiUnderTest) -> Any:
    (alarm,) = plant.client.get("/api/alarms").get_json()["alarms"]
    return alarm


def act(plant: ApiUnderTest, deed: str, **body: Any) -> Any:
    return plant.client.post(f"/api/alarms/{only_alarm(plant)['alarm_id']}/{deed}", json=body)


def bulk(plant: ApiUnderTest, **fields: Any) -> Any:
    given: dict[str, Any] = {"action": "shutdown", "select": {"line": "press-shop"}, "reason": "night"}
    return plant.client.post("/api/bulk", json=given | fields)


def three_idle(plant: ApiUnderTest) -> None:
    for number in (1, 2, 3):
        plant.says(f"press-000{number}", state="idle", current=14.0)
    plant.says("press-0004", state="running")


def state_of_everything(plant: ApiUnderTest) -> Any:
    return plant.client.get("/api/commands").get_json(), plant.commands()


def make_schedule(plant: ApiUnderTest, **fields: Any) -> Any:
    given: dict[str, Any] = {
        "name": "press shop at night", "action": "shutdown", "select": {"device_ids": ["press-0001", "press-0002"]},
        "days": ["mon", "tue", "wed", "thu", "fri"], "at": "22:15", "reason": "nobody is there",
    }  # fmt: skip
    return plant.client.post("/api/schedules", json=given | fields)
