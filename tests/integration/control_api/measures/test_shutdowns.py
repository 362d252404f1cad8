"""Recommended shutdowns, accepted through the API on a real database, in one click and for good."""

import pytest

from energytrack.errors import StoreUnavailable
from energytrack.store.operations.schedules import Schedule, Schedules
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest
from tests.integration.control_api.measures.test_routes import ACCEPT, accepted
from tests.integration.control_api.presses import PRESS, idled_for_weeks


def test_one_click_makes_the_schedule_and_opens_the_measure(plant: ApiUnderTest) -> None:
    """With a baseline of the eight weeks before, and what is expected by it."""
    idled_for_weeks(plant)
    measure = accepted(plant)
    (schedule,) = plant.client.get("/api/schedules").get_json()["schedules"]
    assert (schedule["schedule_id"], schedule["action"], schedule["device_ids"]) == (
        measure["schedule_id"], "shutdown", [PRESS],
    )  # fmt: skip
    assert schedule["next_run_at"] < measure["start"]
    (baseline,) = plant.client.get("/api/baselines").get_json()["baselines"]
    assert (baseline["baseline_id"], baseline["hours"], baseline["days"]) == (measure["baseline_id"], "off_shift", 56)
    assert baseline["grade"] != "not valid"
    assert measure["expected_kwh_per_day"] == pytest.approx(baseline["mean_kwh"], rel=0.01)
    assert measure["expected_cost_per_day"] == pytest.approx(measure["expected_kwh_per_day"] / 4)
    assert measure["text"].endswith("no saving proved, no day is over yet")


def test_a_button_of_grafana_may_leave_everything_out(plant: ApiUnderTest) -> None:
    """What nobody typed comes as an empty text."""
    idled_for_weeks(plant)
    made = plant.client.post(f"{ACCEPT}?reason=&at=23:00", json={"device_id": PRESS})
    assert made.status_code == 201, made.text
    (schedule,) = plant.client.get("/api/schedules").get_json()["schedules"]
    assert (schedule["at"], schedule["reason"]) == ("23:00", "High idle energy usage: Consider scheduled shutdown.")
    assert problem(plant.client.post(f"{ACCEPT}?at=tonight", json={"device_id": PRESS})) == (422, "invalid_request")


def test_a_shutdown_may_end_before_work(plant: ApiUnderTest) -> None:
    """A second schedule restarts the machine, on the days on which its line works; undoing takes both back."""
    idled_for_weeks(plant)
    made = plant.client.post(f"{ACCEPT}?reason=night&at=&until=05:45", json={"device_id": PRESS}).get_json()
    restart, shutdown = plant.client.get("/api/schedules").get_json()["schedules"]
    assert (made["schedule_id"], made["restart_schedule_id"]) == (shutdown["schedule_id"], restart["schedule_id"])
    assert [(each["action"], each["at"], each["device_ids"], each["reason"]) for each in (shutdown, restart)] == [
        ("shutdown", "22:15", [PRESS], "night"), ("restart", "05:45", [PRESS], "night"),
    ]  # fmt: skip
    assert restart["days"] == ["mon", "tue", "wed", "thu", "fri"]
    plant.client.post(f"/api/measures/{made['measure_id']}/end", json={"note": "press sold", "undo": True})
    assert plant.client.get("/api/schedules").get_json()["schedules"] == []


def test_a_shutdown_that_would_end_at_once_is_refused(plant: ApiUnderTest) -> None:
    """And makes no schedule; so is one that would end when the day's work is over, and a time that is none."""
    idled_for_weeks(plant)
    for times in ({"at": "22:15", "until": "22:15"}, {"until": "22:15"}, {"until": "23:00"}, {"until": "tomorrow"}):
        refused = plant.client.post(ACCEPT, json={"device_id": PRESS, **times})
        assert problem(refused) == (422, "invalid_request"), refused.text
    assert plant.client.get("/api/schedules").get_json()["schedules"] == []


def test_a_recommendation_is_accepted_once(plant: ApiUnderTest) -> None:
    """The second caller gets the measure that is already open."""
    idled_for_weeks(plant)
    measure = accepted(plant)
    again = plant.client.post(ACCEPT, json={"device_id": PRESS})
    assert problem(again) == (409, "measure_open")
    assert again.get_json()["measure_id"] == measure["measure_id"]
    assert len(plant.client.get("/api/schedules").get_json()["schedules"]) == 1


def test_a_machine_of_no_known_line_has_no_shutdown_to_accept(plant: ApiUnderTest) -> None:
    """Nobody can say when nobody works there; nothing is made."""
    plant.says("stray-0001", state="idle")
    assert problem(plant.client.post(ACCEPT, json={"device_id": "stray-0001"})) == (404, "no_proposal")
    assert problem(plant.client.post(ACCEPT, json={"device_id": "unheard-of"})) == (404, "unknown_device")
    assert plant.client.get("/api/measures").get_json()["measures"] == []


@pytest.mark.parametrize("action", ["restart", "shutdown"])
def test_an_acceptance_that_broke_off_leaves_nothing_and_is_made_once_when_repeated(
    plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """The database failed before one of the schedules was stored: no machine is shut down that no measure knows of."""
    idled_for_weeks(plant)
    store = Schedules.add

    def fail(schedules: Schedules, schedule: Schedule) -> None:
        if schedule.action == action:
            raise StoreUnavailable("db.plant:27017", "away")
        store(schedules, schedule)

    request = {"device_id": PRESS, "until": "05:45"}
    with monkeypatch.context() as patch:
        patch.setattr(Schedules, "add", fail)
        assert plant.client.post(ACCEPT, json=request).status_code == 503
    assert "shutdown" not in {each["action"] for each in plant.client.get("/api/schedules").get_json()["schedules"]}
    (left,) = plant.client.get("/api/measures").get_json()["measures"]
    assert (left["is_broken"], left["undone"]) == (True, "The schedule is gone.")

    made = plant.client.post(ACCEPT, json=request)
    assert made.status_code == 201, made.text
    schedules = {each["action"]: each for each in plant.client.get("/api/schedules").get_json()["schedules"]}
    assert len(plant.client.get("/api/schedules").get_json()["schedules"]) == 2
    measure = made.get_json()
    assert (measure["schedule_id"], measure["restart_schedule_id"], measure["undone"]) == (
        schedules["shutdown"]["schedule_id"], schedules["restart"]["schedule_id"], None,
    )  # fmt: skip
    states = [each["state"] for each in plant.client.get("/api/measures").get_json()["measures"]]
    assert states == ["open", "ended"]
    assert len(plant.client.get("/api/baselines").get_json()["baselines"]) == 1
    assert problem(plant.client.post(ACCEPT, json=request)) == (409, "measure_open")
