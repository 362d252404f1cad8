"""A controller with OPC UA, encrypted and with a user: from a node to the page, and back from what goes wrong."""

import sys
from collections.abc import Iterator, Mapping

import httpx
import pytest
from asyncua import ua

from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import Site
from testkit.gateways.opcua_controller import PASSWORD, USER, Controller, controller
from testkit.gateways.telegraf import example, gateway
from testkit.stack.control_service import a_token, serving
from testkit.stack.servers import eventually, site_in, started
from tests.gateways.conftest import PATIENCE, Arriving

NODES = {
    "Spindle.Temperature": 61.4,
    "Hydraulics.Pressure": 6.1,
    "Drive.CurrentRms": 4.2,
    "Meter.ActiveEnergy": 1180.44,
    "Controller.Mode": 2,
}
MACHINE = "cnc-0007"


@pytest.fixture(scope="module")
def machine(site: Site) -> Iterator[Controller]:
    with controller(site.var, site.ports.caddy, NODES) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def running_gateway(site: Site, machine: Controller, kafka_env: Mapping[str, str]) -> Iterator[None]:
    files = {"cnc-0007.conf": example("opcua", **{"opc.tcp://cnc-0007.plant.example:4840": machine.endpoint})}
    secrets = {"opcua_username": USER, "opcua_password": PASSWORD}
    with gateway(site, files, env=kafka_env, secrets=secrets) as child:
        yield
        child.check_alive()


def test_the_values_of_a_second_are_one_reading(arriving: Arriving) -> None:
    reading = arriving.first(lambda reading: reading.energy_kwh == 1180.44)
    assert (reading.device_id, reading.device_type, reading.line) == (MACHINE, "cnc_machine", "machining-a")
    assert (reading.temperature, reading.pressure, reading.current, reading.state) == (61.4, 6.1, 4.2, "running")
    assert arriving.problems == []


def test_a_value_set_in_the_controller_is_on_the_page(
    machine: Controller,
    arriving: Arriving,
    kafka_env: Mapping[str, str],
    mongo_uri: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Through Telegraf, Kafka, the historian, the database and the control API."""
    own = site_in(tmp_path_factory.mktemp("services"))
    env = {**kafka_env, "ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_MONGO_DATABASE": "test_gateways"}
    historian = ServiceDefinition(
        name="historian",
        purpose="files readings",
        command=(sys.executable, "-m", "historian"),
        ready=HttpAnswers(own.url(own.ports.historian, "/healthz")),
        ports=("historian",),
        env={**env, "ENERGYTRACK_METRICS_PORT": str(own.ports.historian)},
    )
    with started(historian, own), serving(own, env):
        token = a_token(env, "test", "Viewer")
        address = own.url(own.ports.control_api, f"/api/devices/{MACHINE}")
        machine.set("Spindle.Temperature", 77.7)

        def shown() -> object:
            answer = httpx.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=10)
            return answer.status_code == 200 and answer.json()["temperature_celsius"] == 77.7

        assert eventually(shown, PATIENCE)
    arriving.first(lambda reading: reading.temperature == 77.7)
    machine.set("Spindle.Temperature", 61.4)
    arriving.first(lambda reading: reading.temperature == 61.4)


@pytest.mark.parametrize(
    ("status", "value"),
    [
        (ua.StatusCodes.BadSensorFailure, 61.4),
        (ua.StatusCodes.BadNoCommunication, None),
        (ua.StatusCodes.UncertainLastUsableValue, 61.4),
    ],
    ids=["sensor failure, last good value", "no communication, no value", "last usable value"],
)
def test_a_dead_sensor_does_not_look_alive(
    status: int, value: float | None, machine: Controller, arriving: Arriving
) -> None:
    """Its value is null at once; the others go on."""
    arriving.first(lambda reading: reading.temperature == 61.4)
    machine.set("Spindle.Temperature", value, status=status)
    reading = arriving.first(lambda reading: reading.temperature is None)
    assert (reading.pressure, reading.current, reading.state) == (6.1, 4.2, "running")
    assert b'"temperature":null' in arriving.raw[-1]
    machine.set("Spindle.Temperature", 61.4)
    arriving.first(lambda reading: reading.temperature == 61.4)


def test_a_state_that_cannot_be_read_is_no_state(machine: Controller, arriving: Arriving) -> None:
    machine.set("Controller.Mode", 2, status=ua.StatusCodes.BadDeviceFailure)
    assert arriving.first(lambda reading: reading.state is None).temperature == 61.4
    machine.set("Controller.Mode", 1)
    arriving.first(lambda reading: reading.state == "idle")
    machine.set("Controller.Mode", 2)
    arriving.first(lambda reading: reading.state == "running")


def test_a_number_for_a_state_that_nobody_has_explained_is_named(machine: Controller, arriving: Arriving) -> None:
    machine.set("Controller.Mode", 17)
    arriving.first(lambda reading: reading.state is None)
    assert any("17" in str(problem) for problem in arriving.problems)
    machine.set("Controller.Mode", 2)
    arriving.first(lambda reading: reading.state == "running")


def test_a_controller_comes_back_without_a_node_and_then_whole(machine: Controller, arriving: Arriving) -> None:
    """What it does not know any more is lost, and back as soon as it knows it again."""
    machine.stop()
    machine.start(without=("Hydraulics.Pressure",))
    reading = arriving.first(lambda reading: reading.pressure is None)
    assert (reading.temperature, reading.current) == (61.4, 4.2)
    machine.add("Hydraulics.Pressure")
    assert arriving.first(lambda reading: reading.pressure == 6.1).temperature == 61.4
