"""Recurring orders through the API, on a real database."""

from datetime import datetime
from typing import Any

import pytest

from testkit.dates import PLANT_ZONE
from tests.integration.control_api.calls import make_schedule, problem
from tests.integration.control_api.conftest import ApiUnderTest

WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def test_a_schedule_says_when_it_runs_next_and_can_be_paused(plant: ApiUnderTest) -> None:
    """In plant time, whatever the season; who did what stays on file."""
    made = make_schedule(plant)
    assert made.status_code == 201
    schedule = made.get_json()
    following = datetime.fromisoformat(schedule["next_run_at"]).astimezone(PLANT_ZONE)
    assert (f"{following:%H:%M}", following.weekday() < 5, following > plant.clock.now()) == ("22:15", True, True)
    path = f"/api/schedules/{schedule['schedule_id']}"
    paused = plant.client.post(f"{path}/pause").get_json()
    assert (paused["state"], paused["next_run_at"]) == ("paused", None)
    resumed = plant.client.post(f"{path}/resume").get_json()
    assert resumed["next_run_at"] == schedule["next_run_at"]
    deleted = plant.client.delete(path).get_json()
    assert [deed["deed"] for deed in deleted["log"]] == ["created", "paused", "resumed", "deleted"]
    assert {deed["by"] for deed in deleted["log"]} == {"grafana:maria"}
    assert plant.client.get("/api/schedules").get_json()["schedules"] == []
    assert "deleted" in plant.client.get("/api/schedules.csv").text
    assert problem(plant.client.post(f"{path}/resume")) == (404, "unknown_schedule")


def test_an_idling_machine_is_proposed_a_schedule(plant: ApiUnderTest) -> None:
    """Which is made by sending it back as it is."""
    proposed = plant.client.get("/api/devices/press-0001/proposal").get_json()
    assert (proposed["days"], proposed["at"]) == (WORKDAYS, "22:15")
    assert plant.client.post("/api/schedules", json=proposed).status_code == 201


@pytest.mark.parametrize(
    "wrong", [{"at": "24:00"}, {"at": "7:00"}, {"days": []}, {"days": ["monday"]}, {"select": {}}, {"name": ""}]
)
def test_a_schedule_that_does_not_fit_is_refused(plant: ApiUnderTest, wrong: dict[str, Any]) -> None:
    """A time of day, days of the week, and machines by name."""
    assert problem(make_schedule(plant, **wrong)) == (422, "invalid_request")
