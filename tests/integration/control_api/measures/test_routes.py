"""Measures through the API, on a real database: accepted in one click, proved, broken, undone."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from energytrack.store import Store
from testkit.builders.plants import a_plant_file
from testkit.stand_ins.grafana import GrafanaStandIn
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest, a_control_api
from tests.integration.control_api.presses import ONE, PRESS, idled_for_weeks, later, off_shift_quarters, ran, today

ACCEPT = "/api/measures/scheduled-shutdown"


@pytest.fixture
def plant(store: Store, grafana: GrafanaStandIn, tmp_path: Path) -> ApiUnderTest:
    """A plant without holidays: with some, what it uses out of shift differs from week to week."""
    return a_control_api(store, grafana, a_plant_file(tmp_path, ('holidays = { country = "DE" }\n', "")))


def accepted(plant: ApiUnderTest) -> Any:
    response = plant.client.post(ACCEPT, json={"device_id": PRESS})
    assert response.status_code == 201, response.text
    return response.get_json()


def the_measure(plant: ApiUnderTest) -> Any:
    (measure,) = plant.client.get("/api/measures").get_json()["measures"]
    return measure


def test_a_saving_is_proved_with_its_interval(plant: ApiUnderTest) -> None:
    """After three weeks in which the press was off at night; what is expected is as much as it idled on average."""
    start_of_weeks = today(plant) - 56 * ONE
    idled_for_weeks(plant)
    accepted(plant)
    ran(plant, today(plant), 23, idle_kwh=0.02)
    later(plant, 23)
    measure = the_measure(plant)
    saving = measure["saving"]
    assert measure["is_proved"]
    assert (saving["days"], saving["option"], measure["kept_days"]) == (21, "B", 21)
    start = date.fromisoformat(measure["start"])
    assert abs(saving["kwh"] - 0.98 * off_shift_quarters(plant, start, 21)) < saving["half_width_kwh"]
    before = off_shift_quarters(plant, start_of_weeks, 56) / 56
    assert measure["expected_kwh"] == pytest.approx(21 * before, rel=0.03)
    assert saving["cost"] == pytest.approx(saving["kwh"] / 4)
    assert measure["text"].startswith(f"{PRESS} off after work since {start.day} ")
    assert measure["text"].endswith(f"± {saving['half_width_kwh']:,.0f} kWh, {saving['cost']:,.0f} EUR saved")
    assert f"{saving['kwh']}" in plant.client.get("/api/measures.csv").text


def test_no_saving_is_proved_where_there_is_none(plant: ApiUnderTest) -> None:
    """The machine was left on every night: that is seen, day by day."""
    idled_for_weeks(plant)
    accepted(plant)
    ran(plant, today(plant), 12)
    later(plant, 12)
    measure = the_measure(plant)
    assert not measure["is_proved"]
    assert "no saving proved, it may be chance" in measure["text"]
    assert (len(measure["broken"]), measure["is_broken"], measure["undone"]) == (10, True, None)


def test_a_measure_that_was_undone_says_by_whom(plant: ApiUnderTest) -> None:
    """Who paused the schedule is written in it."""
    idled_for_weeks(plant)
    measure = accepted(plant)
    plant.signed_in("maria").post(f"/api/schedules/{measure['schedule_id']}/pause")
    found = the_measure(plant)
    assert found["is_broken"]
    assert found["undone"].startswith("The schedule is paused since ")
    assert found["undone"].endswith(", by maria.")


def test_a_machine_that_nobody_knows_long_enough_proves_nothing(plant: ApiUnderTest) -> None:
    """Its schedule is made all the same; a baseline from before the measure can be given later."""
    ran(plant, today(plant) - 5 * ONE, 5)
    measure = accepted(plant)
    assert (measure["baseline_id"], measure["expected_kwh_per_day"]) == (None, None)
    assert "it has no baseline from before it began" in measure["text"]
    ran(plant, today(plant) - 60 * ONE, 55)
    body = {"device_id": PRESS, "hours": "off_shift", "first": str(today(plant) - 60 * ONE),
            "last": str(today(plant) - ONE), "note": "from the import"}  # fmt: skip
    baseline = plant.client.post("/api/baselines", json=body).get_json()
    change = {"baseline_id": baseline["baseline_id"], "cost_of_doing": 120.0, "note": "found"}
    changed = plant.client.post(f"/api/measures/{measure['measure_id']}/change", json=change).get_json()
    assert (changed["baseline"], changed["cost_of_doing"]) == (f"{PRESS} out of shift", 120.0)
    assert [deed["deed"] for deed in changed["log"]] == ["opened", "changed"]


def test_an_ended_measure_counts_no_further(plant: ApiUnderTest) -> None:
    """Undoing it deletes its schedule; it is open no more and cannot be changed."""
    idled_for_weeks(plant)
    measure = accepted(plant)
    ran(plant, today(plant), 30, idle_kwh=0.02)
    later(plant, 12)
    path = f"/api/measures/{measure['measure_id']}"
    ended = plant.client.post(f"{path}/end", json={"note": "press sold", "undo": True}).get_json()
    assert (ended["state"], ended["end"], ended["saving"]["days"]) == ("ended", str(today(plant) - ONE), 10)
    assert plant.client.get("/api/schedules").get_json()["schedules"] == []
    later(plant, 10)
    assert plant.client.get(path).get_json()["saving"]["days"] == 10
    assert problem(plant.client.post(f"{path}/end", json={"note": "again"})) == (404, "unknown_measure")
    assert plant.client.post(ACCEPT, json={"device_id": PRESS}).status_code == 201


def test_any_other_measure_is_opened_against_a_baseline(plant: ApiUnderTest) -> None:
    """It begins after the baseline period."""
    idled_for_weeks(plant)
    body = {"device_id": PRESS, "first": str(today(plant) - 56 * ONE), "last": str(today(plant) - ONE), "note": "all"}
    baseline = plant.client.post("/api/baselines", json=body).get_json()
    request = {"name": "new drive", "baseline_id": baseline["baseline_id"], "start": str(today(plant)),
               "expected_kwh_per_day": 30.0, "cost_of_doing": 900.0, "note": "IE4"}  # fmt: skip
    made = plant.client.post("/api/measures", json=request)
    assert (made.status_code, made.get_json()["expected_cost_per_day"]) == (201, 7.5)
    early = request | {"start": str(today(plant) - 3 * ONE)}
    assert problem(plant.client.post("/api/measures", json=early)) == (422, "invalid_request")
    unknown = request | {"baseline_id": "unheard-of"}
    assert problem(plant.client.post("/api/measures", json=unknown)) == (404, "unknown_baseline")
    assert problem(plant.client.get("/api/measures/unheard-of")) == (404, "unknown_measure")
