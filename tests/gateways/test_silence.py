"""A machine that falls silent is named, with where to look: its meter is unreachable, or its gateway has stopped."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pytest

from energytrack.bus import Bus
from gateway.files import MeteredMachine, telegraf_file
from gateway.profile import load
from local.lifecycle.child import Child
from local.services.observability import alertmanager_service
from local.site import Site
from testkit.gateways.modbus_meters import ModbusServer, meters
from testkit.gateways.telegraf import gateway
from testkit.stack.exporters_service import exporters_service
from testkit.stack.servers import eventually, prometheus_running, site_in, started
from testkit.stand_ins.webhook import Webhooks, webhooks
from tests.gateways.conftest import PATIENCE, Arriving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROFILE: Final = load("siemens-pac2200")
HEARD, METER_AWAY, GATEWAY_AWAY = "press-0091", "press-0092", "press-0093"
UNITS: Final = {HEARD: 1, METER_AWAY: 2, GATEWAY_AWAY: 3}
TWO_MINUTES_AND_ONE: Final = 240.0
"""How long a machine has to be silent, and how long that has to last, with time for a scrape and for Alertmanager."""


@pytest.fixture
def hall(site: Site) -> Iterator[ModbusServer]:
    with meters(site.ports.caddy, tuple(UNITS.values())) as running:
        for unit in UNITS.values():
            running.show(unit, PROFILE)
        yield running


@contextmanager
def reading(site: Site, hall: ModbusServer, env: Mapping[str, str], *machines: str) -> Iterator[Child]:
    """A gateway of these machines."""
    files = {
        f"{name}.conf": telegraf_file(PROFILE, hall.address, UNITS[name], MeteredMachine(name, "press", "press-shop"))
        for name in machines
    }
    with gateway(site, files, env=env) as running:
        yield running


def silent(receiver: Webhooks) -> dict[str, dict[str, Any]]:
    """The machines of which Alertmanager has said last that they are silent, and what it said."""
    last = {
        alert["labels"]["device_id"]: alert
        for post in receiver.taken
        for alert in post.body["alerts"]
        if alert["labels"]["alertname"] == "DeviceSilent"
    }
    return {machine: alert for machine, alert in last.items() if alert["status"] == "firing"}


def test_a_meter_that_does_not_answer_and_a_gateway_that_was_killed_are_named_until_they_are_back(
    site: Site, hall: ModbusServer, bus: Bus, kafka_env: Mapping[str, str], arriving: Arriving,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    other, own = site_in(tmp_path_factory.mktemp("other-hall")), site_in(tmp_path_factory.mktemp("services"))
    scraped, manager = exporters_service(own, kafka_env), alertmanager_service(own)
    with (
        webhooks(own.ports.control_api) as receiver,
        started(scraped, own),
        prometheus_running(own, [scraped, manager]),
        started(manager, own),
        reading(site, hall, kafka_env, HEARD, METER_AWAY),
    ):
        with reading(other, hall, kafka_env, GATEWAY_AWAY) as killed:
            for machine in UNITS:
                arriving.first(lambda _: True, device=machine)
            hall.sleep(UNITS[METER_AWAY])
            killed.kill()
        eventually(lambda: set(silent(receiver)) == {METER_AWAY, GATEWAY_AWAY}, TWO_MINUTES_AND_ONE)
        for machine, alert in silent(receiver).items():
            said = alert["annotations"]
            assert re.match(rf"{machine} has not reported for [3-9]m", said["summary"])
            assert "Check its power, its network and its gateway." in said["description"]
            assert said["runbook_url"].endswith("/control/runbook#device-silent")
        arriving.first(lambda _: True, device=HEARD)
        hall.wake(UNITS[METER_AWAY])
        with reading(other, hall, kafka_env, GATEWAY_AWAY):
            eventually(lambda: silent(receiver) == {}, PATIENCE)
