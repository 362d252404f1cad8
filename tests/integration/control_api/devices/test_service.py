"""The machines as they are now, from a real database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec.structs import replace as replace_fields

from control_api.http.problems import Problem
from energytrack.errors import StoreUnavailable
from testkit.builders.control import an_order
from testkit.builders.ledger import a_day
from testkit.builders.messages import NOW, a_reading
from testkit.dates import PLANT_ZONE
from testkit.exporters.devices import a_fleet
from tests.integration.control_api.conftest import ApiUnderTest


def test_a_machine_of_the_plant_file_is_there_before_it_was_ever_heard(plant: ApiUnderTest) -> None:
    machine = plant.services.devices.require("press-0001")
    assert (machine.line, machine.latest.reading) == ("press-shop", None)


def test_a_machine_that_neither_file_nor_message_named_is_unknown(plant: ApiUnderTest) -> None:
    assert plant.services.devices.machine("nobody-1") is None
    with pytest.raises(Problem) as caught:
        plant.services.devices.require("nobody-1")
    assert caught.value.code == "unknown_device"
    with pytest.raises(Problem):
        plant.services.devices.machine_to_show("nobody-1")


def test_an_open_order_is_part_of_a_machine_where_it_matters(plant: ApiUnderTest) -> None:
    order = an_order("press-0001", requested_at=plant.clock.now(), expires_at=plant.clock.now() + timedelta(minutes=1))
    plant.services.store.commands.add(order)
    devices = plant.services.devices
    assert devices.require("press-0001").open_order == order
    assert devices.machine_without_order("press-0001").open_order is None  # type: ignore[union-attr]
    assert {machine.device_id for machine in devices.machines() if machine.open_order} == {"press-0001"}


def test_a_machine_that_this_replica_hears_is_not_silent_whatever_its_clock_says(plant: ApiUnderTest) -> None:
    """For a machine that has sent nothing since the start, the last stored reading decides."""
    services = plant.services
    plant.says("press-0001", timestamp=plant.clock.now() - timedelta(hours=1))
    assert services.devices.require("press-0001").silent
    heard = replace(services.devices, is_silent=lambda _device_id: False)
    assert not heard.require("press-0001").silent


def said(plant: ApiUnderTest) -> str:
    """What the API says about a meter, in words; the numbers of that sentence stand beside it."""
    machine = plant.client.get("/api/devices/press-0001").get_json()
    assert machine["meter_facts"]["register_kwh"] == 48211.0
    assert machine["meter_facts"]["since"] is None or "since" in machine["meter"]
    return str(machine["meter"])


def test_a_meter_says_how_today_is_known(plant: ApiUnderTest) -> None:
    """Of a machine that came today, since when."""
    store, now = plant.services.store, plant.clock.now()
    heard = a_reading("press-0001", timestamp=now, energy_kwh=48211.0)
    meter = a_fleet(heard, now=now).snapshot(now).known[0].meter
    assert meter is not None
    today = now.astimezone(PLANT_ZONE).date()
    store.meters.put_counted([("press-0001", replace_fields(meter, at=now.timestamp()))])
    store.ledger.put([a_day("press-0001", today, measured_seconds=dict.fromkeys(range(94), 900.0))])
    assert said(plant).endswith("; 100 % measured today.")
    store.ledger.put([a_day("press-0001", today, measured_seconds={93: 900.0}, revision=2)])
    store.meters.note_since({"press-0001": (now - timedelta(minutes=15)).timestamp()})
    assert said(plant).endswith("; 100 % measured since 23:15.")


def test_a_meter_that_cannot_be_had_now_is_not_waited_for(plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's page is there without it."""
    store = plant.services.store
    meter = a_fleet(a_reading("press-0001", energy_kwh=48211.0)).snapshot(NOW).known[0].meter
    assert meter is not None
    store.meters.put([("press-0001", meter)])
    assert said(plant) == "Register 48,211.0 kWh; nothing counted yet today."
    assert plant.services.devices.meter("press-0002") is None

    def away(_device_ids: object) -> object:
        raise StoreUnavailable("nowhere", "away")

    monkeypatch.setattr(store.meters, "get", away)
    assert plant.services.devices.meter("press-0001") is None
