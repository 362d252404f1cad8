"""Meters that are no machines through the API, on a real database."""

from datetime import timedelta
from typing import Any

import pytest

from energytrack.ledger.local_days import utc
from energytrack.ledger.rollup import DaySums
from energytrack.metering.limits import UsageHistory
from energytrack.metering.values import Meter, MeterRecord
from energytrack.plant import Place
from testkit.builders.ledger import a_day
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest

DAY = a_day()
METER = Meter(DAY.end, None, None, False, DAY.end, MeterRecord(UsageHistory(0.0)))


def rows(plant: ApiUnderTest, **query: Any) -> list[Any]:
    response = plant.client.get("/api/energy/meters", query_string=query)
    assert response.status_code == 200, response.text
    found: list[Any] = response.get_json()["rows"]
    return found


@pytest.fixture
def metered(plant: ApiUnderTest) -> ApiUnderTest:
    """A main meter that counted 3 kWh in each quarter hour, and one machine that used 2; compressed air beside it."""
    store = plant.services.store
    store.meter_ledger.put([a_day("main", measured_kwh=3.0), a_day("air", measured_kwh=7.0)])
    store.ledger.put([a_day("cnc-0001")])
    store.meters.put_counted([("cnc-0001", METER)])
    store.meters.note_since({"cnc-0001": DAY.start})
    plant.clock.advance(DAY.end - 1.0 - plant.clock.now().timestamp())
    return plant


def test_a_main_meter_against_its_machines(metered: ApiUnderTest) -> None:
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


def test_by_hour(metered: ApiUnderTest) -> None:
    found = rows(metered, resolution="hour", meter="main")
    assert len(found) == 24
    assert (found[0]["used"], found[0]["rest"], found[0]["base_load"]) == (12.0, 4.0, None)


def test_a_meter_is_in_no_sum_of_energy(metered: ApiUnderTest) -> None:
    """Nor a machine that somebody could shut down."""
    answer = metered.client.get("/api/energy", query_string={"by": "machine", "resolution": "day"}).get_json()
    assert {row["name"] for row in answer["rows"]} <= {"cnc-0001"}
    assert metered.client.post("/api/shutdown", json={"device_id": "main", "reason": "x"}).status_code == 404


def test_machines_that_count_more_are_named(metered: ApiUnderTest) -> None:
    metered.services.store.meter_ledger.put([a_day("main", measured_kwh=1.0, revision=2)])
    (main, _) = rows(metered)
    assert main["rest"] == -96.0
    assert "Those below main count more than main itself" in main["complaint"]


def test_a_meter_that_is_not_there(metered: ApiUnderTest) -> None:
    assert problem(metered.client.get("/api/energy/meters", query_string={"meter": "steam"})) == (404, "unknown_meter")


def test_the_future_has_nothing_and_days_are_in_order(metered: ApiUnderTest) -> None:
    tomorrow, today = str(DAY.date + timedelta(days=1)), str(DAY.date)
    assert rows(metered, **{"from": tomorrow, "to": tomorrow}) == []
    assert len(rows(metered, **{"from": today, "to": tomorrow})) == 2
    asked = {"from": tomorrow, "to": today}
    refused = metered.client.get("/api/energy/meters", query_string=asked)
    assert problem(refused) == (422, "invalid_request")


def test_as_csv(metered: ApiUnderTest) -> None:
    text = metered.client.get("/api/energy/meters.csv").get_data(as_text=True)
    assert text.splitlines()[0].startswith("start,meter,medium,unit,parent,used")
    assert len(text.splitlines()) == 3


def decided(plant: ApiUnderTest, **fields: Any) -> Any:
    start = utc(DAY.start)
    body = {"device_id": "air", "start": start.isoformat(), "end": (start + timedelta(minutes=15)).isoformat(),
            "decision": "accept", "reason": "the tank was filled"}  # fmt: skip
    return plant.client.post("/api/energy/corrections", json=body | fields)


def test_a_suspect_amount_of_a_meter_is_decided_as_that_of_a_machine_is(metered: ApiUnderTest) -> None:
    """In its own unit, in its own ledger; a machine's energy does not change, and it is in no sum of kilowatt hours."""
    store = metered.services.store
    suspicious = a_day("air", measured_kwh=7.0, suspect_kwh={0: 40.0}, reasons={"leap": (0,)}, revision=2)
    store.meter_ledger.put([suspicious])
    store.meter_rollups.put([DaySums("air", suspicious.date, Place(None, None), suspicious.sums())], [])
    machine = a_day("cnc-0001")
    store.rollups.put([DaySums("cnc-0001", machine.date, Place("cnc_machine", "machining-a"), machine.sums())], [])
    (suspect,) = metered.client.get("/api/energy/suspects").get_json()["suspects"]
    assert (suspect["device_id"], suspect["suspect_kwh"], suspect["unit"], suspect["is_meter"]) == (
        "air", 40.0, "m³", True,
    )  # fmt: skip
    kwh = metered.client.get("/api/energy").get_json()["rows"][0]["kwh"]
    assert next(row for row in rows(metered) if row["meter"] == "air")["used"] == 95 * 7.0
    made = decided(metered)
    assert (made.status_code, made.get_json()["unit"], made.get_json()["after_kwh"]) == (201, "m³", 47.0)
    assert metered.client.get("/api/energy/suspects").get_json()["suspects"] == []
    assert next(row for row in rows(metered) if row["meter"] == "air")["used"] == 96 * 7.0 + 40.0
    assert metered.client.get("/api/energy").get_json()["rows"][0]["kwh"] == kwh
    assert decided(metered, decision="withdraw", reason="it was not").status_code == 201
    assert len(metered.client.get("/api/energy/suspects").get_json()["suspects"]) == 1


def test_a_main_meter_may_be_given_more_than_any_machine_uses(metered: ApiUnderTest) -> None:
    value = {"device_id": "main", "decision": "value", "kwh": 4000.0}
    assert decided(metered, **value).status_code == 201
    assert problem(decided(metered, **value | {"device_id": "cnc-0001"})) == (422, "invalid_request")
    assert problem(decided(metered, **value | {"device_id": "steam"}))[0] == 404
