"""Who is on duty, over the API and a real database."""

from datetime import time

from control_api.paging.channels import Channels
from energytrack.contract.calendar import WEEKDAYS, DayWindow
from energytrack.contract.duty import Duty, DutyRules, WeeklyWatch
from testkit.builders.alert_payloads import from_alertmanager
from testkit.dates import PLANT_ZONE, written
from tests.integration.control_api.calls import problem, rule_says
from tests.integration.control_api.conftest import ApiUnderTest

WATCH = WeeklyWatch("maria", (DayWindow(WEEKDAYS, time(18), time(6)),), ("press-shop",))


def on_duty(plant: ApiUnderTest) -> None:
    paging = plant.services.paging
    paging.duty = Duty(DutyRules(watches=(WATCH,), escalate_to=("anna",)), PLANT_ZONE)
    paging.channels = Channels({"maria": ["json://127.0.0.1:9/x?cto=1"]})


def test_a_plant_without_a_rota_says_so(plant: ApiUnderTest) -> None:
    assert plant.client.get("/api/duty").get_json()["configured"] is False
    assert problem(plant.client.post("/api/duty/test", json={"who": "maria"})) == (409, "no_duty")
    assert plant.client.get("/api/noise").get_json()["rules"] == []


def test_it_shows_who_is_on_duty_who_was_paged_and_who_is_next(plant: ApiUnderTest) -> None:
    on_duty(plant)
    labels = {"device_id": "press-0001", "line": "press-shop", "alertname": "MachineFailed", "severity": "critical"}
    rule_says(plant, from_alertmanager(labels=labels, startsAt=written(plant.clock.now())))
    plant.services.paging.escalate()
    shown = plant.client.get("/api/duty").get_json()
    assert [(watch["who"], watch["lines"], watch["channels"]) for watch in shown["on_duty"]] == [
        ("maria", ["press-shop"], ["json"])
    ]
    assert shown["unreachable"] == ["anna"]
    (escalation,) = shown["escalations"]
    assert (escalation["case_id"], [person["who"] for person in escalation["paged"]]) == ("press-0001", ["maria"])
    (page,) = plant.client.get("/api/pages").get_json()["pages"]
    assert (page["who"], page["status"]) == ("maria", "waiting")
    plant.clock.advance(60)
    (rule,) = plant.client.get("/api/noise").get_json()["rules"]
    assert (rule["rule"], rule["pages"]) == ("MachineFailed", 1)
    assert plant.client.get("/api/noise.csv").text.splitlines()[0].startswith("rule,alarms,machines,pages")


def test_an_editor_tries_a_channel_and_a_viewer_does_not(plant: ApiUnderTest) -> None:
    on_duty(plant)
    assert plant.client.post("/api/duty/test", json={"who": "maria"}).status_code == 202
    assert problem(plant.client.post("/api/duty/test", json={"who": "anna"})) == (409, "no_channel")
    assert problem(plant.signed_in("victor").post("/api/duty/test", json={"who": "maria"})) == (403, "not_allowed")
