"""Baselines and variables through the API, on a real database."""

from typing import Any

import pytest

from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest
from tests.integration.control_api.presses import ONE, PRESS, idled_for_weeks, later, ran, today


def a_request(plant: ApiUnderTest, **fields: Any) -> dict[str, Any]:
    given = {"device_id": PRESS, "hours": "off_shift", "first": str(today(plant) - 56 * ONE),
             "last": str(today(plant) - ONE), "variables": ["off_shift_hours"], "note": "as it was"}  # fmt: skip
    return given | fields


def made(plant: ApiUnderTest, **fields: Any) -> Any:
    response = plant.client.post("/api/baselines", json=a_request(plant, **fields))
    assert response.status_code == 201, response.text
    return response.get_json()


def test_a_baseline_shows_how_far_to_rely_on_it(plant: ApiUnderTest) -> None:
    """Coefficients with their p-values, every check, and what was rejected."""
    idled_for_weeks(plant)
    noise: dict[str, list[float]] = {
        "moon": [n * 37 % 11 / 3 for n in range(1, 57)],
        "lottery": [n * n * 13 % 7 for n in range(1, 57)],
    }
    for name, column in noise.items():
        values = [{"day": str(today(plant) - n * ONE), "value": value} for n, value in enumerate(column, start=1)]
        assert plant.client.post("/api/variables", json={"name": name, "values": values}).status_code == 200
    baseline = made(plant, variables=["off_shift_hours", "moon", "lottery"])
    assert [term["variable"] for term in baseline["terms"]] == ["off_shift_hours"]
    assert {each["variable"] for each in baseline["rejected"]} == {"moon", "lottery"}
    assert baseline["terms"][0]["coefficient"] == pytest.approx(4.0, abs=0.3)
    assert baseline["r_squared"] > 0.9
    assert all(check["passed"] for check in baseline["checks"] if check["must"])


def test_looking_first_stores_nothing(plant: ApiUnderTest) -> None:
    idled_for_weeks(plant)
    seen = plant.client.post("/api/baselines", json=a_request(plant, dry_run=True))
    assert (seen.status_code, seen.get_json()["days"]) == (200, 56)
    assert plant.client.get("/api/baselines").get_json()["baselines"] == []


def test_a_change_is_a_new_version_and_the_old_one_stays(plant: ApiUnderTest) -> None:
    """With who made it and why; whoever has not seen the newest is refused."""
    idled_for_weeks(plant)
    baseline = made(plant)
    path = f"/api/baselines/{baseline['baseline_id']}"
    day = str(today(plant) - 10 * ONE)
    furnace = {"first": str(today(plant)), "kwh_per_day": 25.0, "note": "furnace on trial"}
    change = {"version": 1, "exclusions": [{"first": day, "last": day, "note": "strike"}], "adjustments": [furnace],
              "note": "strike and furnace"}  # fmt: skip
    changed = plant.client.post(path, json=change)
    assert (changed.status_code, changed.get_json()["version"], changed.get_json()["days"]) == (201, 2, 55)
    refused = plant.client.post(path, json=change)
    assert problem(refused) == (409, "baseline_changed")
    assert refused.get_json()["detail"].startswith("maria made version 2 meanwhile: strike and furnace")
    versions = plant.client.get(path).get_json()["baselines"]
    assert [(each["version"], each["days"], each["made_by"]) for each in versions] == [
        (2, 55, "grafana:maria"), (1, 56, "grafana:maria"),
    ]  # fmt: skip
    ran(plant, today(plant), 5)
    later(plant, 5)
    old, new = (plant.client.get(f"{path}/course?version={version}").get_json() for version in (1, 2))
    assert (old["saving"]["adjusted_kwh"], new["saving"]["adjusted_kwh"]) == (0.0, 125.0)
    assert plant.client.get(f"{path}/course.csv").text.startswith("day,actual_kwh,expected_kwh")


def test_a_version_is_looked_at_before_it_is_made(plant: ApiUnderTest) -> None:
    idled_for_weeks(plant)
    path = f"/api/baselines/{made(plant)['baseline_id']}"
    day = str(today(plant) - 10 * ONE)
    change = {"version": 1, "exclusions": [{"first": day, "last": day, "note": "strike"}], "note": "strike"}
    seen = plant.client.post(path, json={**change, "dry_run": True})
    assert (seen.status_code, seen.get_json()["days"], seen.get_json()["offered"]) == (200, 55, ["off_shift_hours"])
    assert len(plant.client.get(path).get_json()["baselines"]) == 1


def test_a_version_is_approved_and_a_new_one_has_to_be_approved_again(plant: ApiUnderTest) -> None:
    """One that is not valid cannot be."""
    idled_for_weeks(plant)
    path = f"/api/baselines/{made(plant)['baseline_id']}"
    approved = plant.client.post(f"{path}/approve", json={"version": 1, "note": "seen with the auditor"}).get_json()
    assert (approved["version"], approved["approved_by"], approved["state"]) == (2, "grafana:maria", "active")
    assert approved["approved_at"] == approved["made_at"]
    again = plant.client.post(f"{path}/approve", json={"version": 2, "note": "once more"})
    assert problem(again) == (422, "invalid_request")
    assert again.get_json()["detail"] == "maria has approved this version already."
    change = {
        "version": 2,
        "adjustments": [{"first": str(today(plant)), "kwh_per_day": 5.0, "note": "fan"}],
        "note": "fan",
    }
    assert plant.client.post(path, json=change).get_json()["approved_by"] is None
    ran(plant, today(plant) - 70 * ONE, 14, idle_kwh=9.0)
    bad = made(plant, first=str(today(plant) - 70 * ONE), variables=[])
    refused = plant.client.post(
        f"/api/baselines/{bad['baseline_id']}/approve", json={"version": 1, "note": "never mind"}
    )
    assert (bad["grade"], problem(refused)) == ("not valid", (422, "invalid_request"))


def test_energy_is_shown_against_its_baseline(plant: ApiUnderTest) -> None:
    """Day by day with CUSUM, indicators, and the days that do not count."""
    idled_for_weeks(plant)
    path = f"/api/baselines/{made(plant, hours='all', variables=['shift_hours'])['baseline_id']}"
    ran(plant, today(plant), 9, idle_kwh=2.0)
    later(plant, 10)
    course = plant.client.get(f"{path}/course").get_json()
    assert (len(course["points"]), course["skipped"]) == (9, {"energy not known": 1})
    assert course["points"][-1]["cusum_kwh"] == pytest.approx(-course["saving"]["kwh"])
    assert course["performance"]["ratio"] > 1.1
    assert (course["performance"]["kwh_per_part"], course["performance"]["kwh_per_hour"] > 0) == (None, True)


def test_a_retired_baseline_is_watched_no_longer(plant: ApiUnderTest) -> None:
    idled_for_weeks(plant)
    path = f"/api/baselines/{made(plant)['baseline_id']}"
    retired = plant.client.post(f"{path}/retire", json={"version": 1, "note": "press sold"}).get_json()
    assert (retired["state"], retired["version"]) == ("retired", 2)
    assert plant.client.get("/api/baselines").get_json()["baselines"] == []
    assert len(plant.client.get("/api/baselines?retired=true").get_json()["baselines"]) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"line": "press-shop"}, "Name one of device_id, line and device_type"),
        ({"variables": ["parts", "parts"]}, "A variable is named twice"),
        ({"variables": ["../etc"]}, "variables"),
        ({"hours": "night"}, "hours"),
    ],
)
def test_a_baseline_that_cannot_be_is_refused(plant: ApiUnderTest, wrong: dict[str, Any], said: str) -> None:
    response = plant.client.post("/api/baselines", json=a_request(plant, **wrong))
    assert problem(response) == (422, "invalid_request")
    assert said in response.get_json()["detail"]


def test_days_without_their_variable_do_not_count(plant: ApiUnderTest) -> None:
    """Nobody counts parts here: what is missing, and how many days, is said."""
    idled_for_weeks(plant)
    response = plant.client.post("/api/baselines", json=a_request(plant, variables=["parts"]))
    assert problem(response) == (409, "too_few_days")
    assert response.get_json()["detail"].startswith("0 days are known, and 14 are needed")
    assert "56 days: variable not known" in response.get_json()["detail"]


def test_variables_come_from_a_file(plant: ApiUnderTest) -> None:
    """Its columns by day: the mean of several values, or their sum."""
    first = today(plant) - 3 * ONE
    rows = [f"{first + n // 2 * ONE} {12 * (n % 2):02d}:00,{n},{n / 2}" for n in range(6)]
    raw = "\n".join(["time,tonnes,heat", *rows]).encode()
    for together in ("mean", "sum"):
        response = plant.client.post(
            f"/api/variables/import?together={together}", data=raw, content_type="application/octet-stream"
        )
        assert response.status_code == 200, response.text
    known = {each["name"]: each for each in response.get_json()["known"]}
    assert {name: (each["days"], each["source"]) for name, each in known.items()} == {
        "tonnes": (3, "import"), "heat": (3, "import"),
    }  # fmt: skip
    series = plant.services.store.variables.series("tonnes", first, today(plant))
    assert list(series.values()) == [1.0, 5.0, 9.0]
    nothing = plant.client.post("/api/variables/import", data=b"\x00", content_type="application/octet-stream")
    assert problem(nothing) == (422, "unreadable_file")


def test_a_name_of_our_own_is_not_taken(plant: ApiUnderTest) -> None:
    body = {"name": "parts", "values": [{"day": str(today(plant)), "value": 1.0}]}
    assert problem(plant.client.post("/api/variables", json=body)) == (422, "invalid_request")
    assert "parts" in {each["name"] for each in plant.client.get("/api/variables").get_json()["own"]}
