"""Meters that are no machines through the API, on a real database."""

from datetime import timedelta
from typing import Any

import pytest

from energytrack.metering.limits import UsageHistory
from energytrack.metering.values import Meter, MeterRecord
from testkit.builders.ledger import a_day
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import Plant

DAY = a_day()
METER = Meter(DAY.end, None, None, False, DAY.end, MeterRecord(UsageHistory(0.0)))


def rows(plant: Plant, **query: Any) -> list[Any]:
    response = plant.client.get("/api/energy/meters", query_string=query)
    assert response.status_code == 200, response.text
    found: list[Any] = response.get_json()["rows"]
    return found


@pytest.fixture
def metered(plant: Plant) -> Plant:
    """A main meter that counted 3 kWh in each quarter hour, and one machine that used 2; compressed air beside it."""
    store = plant.services.store
    store.meter_ledger.put([a_day("main", measured_kwh=3.0), a_day("air", measured_kwh=7.0)])
    store.ledger.put([a_day("cnc-0001")])
    store.meters.put_counted([("cnc-0001", METER)])
    store.meters.note_since({"cnc-0001": DAY.start})
    plant.clock.advance(DAY.end - 1.0 - plant.clock.now().timestamp())
    return plant


def test_a_main_meter_against_its_machines(metered: Plant) -> None:
    main, air = rows(metered)
    assert (main["meter"], main["unit"], main["used"], main["below"], main["rest"]) == (
        "main",
        "kWh",
        288.0,
        192.0,
        96.0,
    )
    assert (main["coverage"], main["compared_ratio"], main["base_load"], main["rest_base_load"]) == (
        1.0,
        1.0,
        12.0,
        4.0,
    )
    assert main["complaint"] is None
    assert (air["meter"], air["unit"], air["used"], air["rest"], air["emissions_kg"]) == (
        "air",
        "m³",
        672.0,
        None,
        None,
    )


def test_by_hour(metered: Plant) -> None:
    found = rows(metered, resolution="hour", meter="main")
    assert len(found) == 24
    assert (found[0]["used"], found[0]["rest"], found[0]["base_load"]) == (12.0, 4.0, None)


def test_a_meter_is_in_no_sum_of_energy(metered: Plant) -> None:
    """Nor a machine that somebody could shut down."""
    answer = metered.client.get("/api/energy", query_string={"by": "machine", "resolution": "day"}).get_json()
    assert {row["name"] for row in answer["rows"]} <= {"cnc-0001"}
    assert metered.client.post("/api/shutdown", json={"device_id": "main", "reason": "x"}).status_code == 404


def test_machines_that_count_more_are_named(metered: Plant) -> None:
    metered.services.store.meter_ledger.put([a_day("main", measured_kwh=1.0, revision=2)])
    (main, _) = rows(metered)
    assert main["rest"] == -96.0
    assert "Those below main count more than main itself" in main["complaint"]


def test_a_meter_that_is_not_there(metered: Plant) -> None:
    assert problem(metered.client.get("/api/energy/meters", query_string={"meter": "steam"})) == (404, "unknown_meter")


def test_the_future_has_nothing_and_days_are_in_order(metered: Plant) -> None:
    tomorrow, today = str(DAY.date + timedelta(days=1)), str(DAY.date)
    assert rows(metered, **{"from": tomorrow, "to": tomorrow}) == []
    assert len(rows(metered, **{"from": today, "to": tomorrow})) == 2
    asked = {"from": tomorrow, "to": today}
    refused = metered.client.get("/api/energy/meters", query_string=asked)
    assert problem(refused) == (422, "invalid_request")


def test_as_csv(metered: Plant) -> None:
    text = metered.client.get("/api/energy/meters.csv").get_data(as_text=True)
    assert text.splitlines()[0].startswith("start,meter,medium,unit,parent,used")
    assert len(text.splitlines()) == 3
