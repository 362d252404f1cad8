"""Machines come and go: retired, renamed, removed, each with who and why; unknown ones with their lines."""

import tomllib
from datetime import timedelta

import msgspec

from energytrack.events import DeviceEvent, MachineRetired
from energytrack.topics import EVENTS
from testkit.builders.messages import a_reading, an_event
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ApiUnderTest

WHY = {"reason": "sold"}
HOUR = timedelta(hours=1)


def fleet(plant: ApiUnderTest, device_id: str) -> bool:
    plant.clock.advance(2.0)  # what the list remembers is older than that
    listed = plant.client.get("/api/devices?limit=1000").get_json()["devices"]
    return device_id in [machine["device_id"] for machine in listed]


def lived(plant: ApiUnderTest, device_id: str) -> None:
    """A machine with a past."""
    plant.says(device_id)
    now = plant.clock.now()
    plant.services.store.readings.put([a_reading(device_id, timestamp=now - HOUR)])
    plant.services.store.events.put([an_event("failure", device_id, event_id=f"e-{device_id}", timestamp=now - HOUR)])


def past(plant: ApiUnderTest, device_id: str) -> int:
    now = plant.clock.now()
    store = plant.services.store
    events = list(store.events.of_device(device_id, since=now - 9 * HOUR, until=now + HOUR))
    return store.readings.count(device_id, since=now - 9 * HOUR, until=now) + len(events)


def retirements(plant: ApiUnderTest) -> list[str]:
    """The machines that all services were asked to forget."""
    events = [msgspec.json.decode(value, type=DeviceEvent) for value in plant.bus.values(EVENTS)]
    return [event.device_id for event in events if isinstance(event, MachineRetired)]


def test_a_retired_machine_leaves_the_fleet_and_keeps_its_history(plant: ApiUnderTest) -> None:
    """One that the plant file lists, too; it is back when it sends again."""
    lived(plant, "press-0001")
    record = plant.client.post("/api/devices/press-0001/retire", json=WHY).get_json()
    assert (record["by"], record["why"], record["deed"]) == ("grafana:maria", "sold", "retired")
    assert retirements(plant) == ["press-0001"]
    assert (fleet(plant, "press-0001"), past(plant, "press-0001")) == (False, 2)
    plant.says("press-0001")
    assert fleet(plant, "press-0001")


def test_a_stray_is_removed_with_all_that_it_left(plant: ApiUnderTest) -> None:
    lived(plant, "test-1")
    lived(plant, "press-0001")
    anna = plant.signed_in("anna")
    assert problem(anna.post("/api/devices/test-1/remove", json=WHY | {"device_id": "test-2"}))[0] == 422
    assert problem(anna.post("/api/devices/press-0001/remove", json=WHY | {"device_id": "press-0001"})) == (
        409, "machine_listed",
    )  # fmt: skip
    gone = anna.post("/api/devices/test-1/remove", json=WHY | {"device_id": "test-1"}).get_json()
    assert (gone["documents"]["readings"], gone["documents"]["events"], gone["documents"]["devices"]) == (1, 1, 1)
    assert (fleet(plant, "test-1"), past(plant, "test-1"), past(plant, "press-0001")) == (False, 0, 2)
    (kept,) = plant.client.get("/api/machines/records").get_json()["records"]
    assert (kept["device_id"], kept["by"], kept["why"]) == ("test-1", "grafana:anna", "sold")


def test_a_renamed_machines_history_follows(plant: ApiUnderTest) -> None:
    lived(plant, "test-1")
    body = WHY | {"to": "cnc-9001"}
    assert problem(plant.client.post("/api/devices/test-1/rename", json=body)) == (403, "not_allowed")
    record = plant.signed_in("anna").post("/api/devices/test-1/rename", json=body).get_json()
    assert (record["to"], record["documents"]["readings"]) == ("cnc-9001", 1)
    assert (past(plant, "test-1"), past(plant, "cnc-9001")) == (0, 2)
    assert (fleet(plant, "test-1"), fleet(plant, "cnc-9001")) == (False, True)


def test_a_machine_is_not_given_the_id_of_a_meter(plant: ApiUnderTest) -> None:
    """Its days would be those of a machine that counts the whole plant again."""
    lived(plant, "test-1")
    answer = plant.signed_in("anna").post("/api/devices/test-1/rename", json=WHY | {"to": "main"})
    assert problem(answer) == (422, "invalid_request")
    assert past(plant, "test-1") == 2


def test_a_machine_with_a_lock_is_not_renamed(plant: ApiUnderTest) -> None:
    lived(plant, "test-1")
    plant.client.post("/api/devices/test-1/lock", json={"reason": "belt"})
    answer = plant.signed_in("anna").post("/api/devices/test-1/rename", json=WHY | {"to": "x"})
    assert problem(answer) == (423, "device_locked")


def test_unknown_machines_are_listed_with_the_lines_to_add(plant: ApiUnderTest) -> None:
    """Which are TOML; what is not known is a question with the answers that there are."""
    lived(plant, "test-1")
    plant.says("press-0001")
    plant.says("main")  # before plant.toml listed it as a meter
    (unknown,) = plant.client.get("/api/machines/unknown").get_json()["machines"]
    assert unknown["device_id"] == "test-1"
    assert tomllib.loads(unknown["toml"])["devices"] == [{"device_id": "test-1", "device_type": "?", "line": "?"}]
    assert "cnc_machine | robotic_arm" in unknown["toml"]


def test_what_is_not_there_is_neither_retired_nor_renamed(plant: ApiUnderTest) -> None:
    assert problem(plant.client.post("/api/devices/none-1/retire", json=WHY)) == (404, "unknown_device")
    assert problem(plant.signed_in("victor").post("/api/devices/press-0001/retire", json=WHY)) == (403, "not_allowed")
