"""An order goes from the control API over Kafka to a real machine with OPC UA, and its answer back."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from energytrack.bus import Bus
from energytrack.security.signatures import CommandSigner
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import ROOT, Site
from testkit.builders.control import A_SIGNING_KEY
from testkit.gateways.opcua_controller import PASSWORD, USER, Controller, controller
from testkit.stack.control_service import an_editor, serving
from testkit.stack.servers import eventually, started

MACHINE = "cnc-0007"
NODES = {"Controller.Mode": 2, "Remote.Enabled": True, "Remote.Command": 0}
SECONDS = 30.0


@pytest.fixture
def machine(site: Site) -> Iterator[Controller]:
    with controller(site.var, site.ports.caddy, NODES) as running:
        yield running


@pytest.fixture
def order_gateway(site: Site, machine: Controller, bus: Bus, kafka_env: Mapping[str, str]) -> ServiceDefinition:
    """As a user adapts deploy/gateway/orders.toml."""
    password = site.var / "password"
    password.write_text(PASSWORD)
    text = (ROOT / "deploy" / "gateway" / "orders.toml").read_text(encoding="utf-8")
    for before, after in (
        ("opc.tcp://cnc-0007.plant.example:4840", machine.endpoint), ("energytrack-orders", USER),
        ("secrets/cnc-0007", str(password)), ("within_seconds = 60", "within_seconds = 10"),
    ):  # fmt: skip
        assert before in text
        text = text.replace(before, after)
    (site.var / "orders.toml").write_text(text, encoding="utf-8")
    return ServiceDefinition(
        name="gateway",
        purpose="carries out orders",
        command=(sys.executable, "-m", "gateway", "orders"),
        ready=HttpAnswers(site.url(site.ports.simulator, "/healthz")),
        ports=("simulator",),
        env={
            **kafka_env,
            "ENERGYTRACK_METRICS_PORT": str(site.ports.simulator),
            "ENERGYTRACK_GATEWAY_ORDERS_FILE": str(site.var / "orders.toml"),
            "ENERGYTRACK_GATEWAY_STATE_FOLDER": str(site.var / "gateway"),
            "ENERGYTRACK_GATEWAY_COMMAND_KEYS": CommandSigner(A_SIGNING_KEY).public_key,
        },
    )


@pytest.fixture
def api(site: Site, bus: Bus, kafka_env: Mapping[str, str], mongo_env: Mapping[str, str]) -> Iterator[httpx.Client]:
    env = {**kafka_env, **mongo_env, "ENERGYTRACK_CONTROL_API_COMMAND_SIGNING_KEY": A_SIGNING_KEY}
    with serving(site, env), an_editor(env, site.url(site.ports.control_api, "")) as client:
        yield client


def begun(api: httpx.Client, action: str) -> str:
    """The address of an order that was given."""
    given = api.post(f"/api/{action}", json={"device_id": MACHINE, "reason": "test", "override": True})
    assert given.status_code == 202, given.text
    return given.headers["Location"]


def ended(api: httpx.Client, order: str) -> dict[str, object]:
    """The order after the machine's answer."""

    def answered() -> dict[str, object]:
        shown: dict[str, object] = api.get(order).json()
        return shown if shown["status"] in {"done", "refused", "failed"} else {}

    return eventually(answered, SECONDS)


def obey(machine: Controller, command: int, mode: int) -> None:
    """What the controller's own program does when the node is written."""
    eventually(lambda: machine.get("Remote.Command") == command, SECONDS)
    machine.set("Controller.Mode", mode)
    machine.set("Remote.Command", 0)


def test_a_machine_is_shut_down_refuses_while_locked_and_survives_a_kill(
    site: Site, machine: Controller, order_gateway: ServiceDefinition, api: httpx.Client
) -> None:
    with started(order_gateway, site) as running:
        order = begun(api, "shutdown")
        obey(machine, 1, 0)
        done = ended(api, order)
        assert (done["status"], done["device_state"]) == ("done", "stopped")

        machine.set("Remote.Enabled", False)
        refused = ended(api, begun(api, "restart"))
        assert (refused["status"], machine.get("Remote.Command")) == ("refused", 0)
        assert "locked at the machine" in str(refused["detail"])
        machine.set("Remote.Enabled", True)

        order = begun(api, "restart")
        eventually(lambda: machine.get("Remote.Command") == 2, SECONDS)
        running.kill()
    machine.set("Remote.Command", 0)
    machine.set("Controller.Mode", 2)
    with started(order_gateway, site):
        assert ended(api, order)["status"] == "done"
        assert machine.get("Remote.Command") == 0  # it was not written again
        machine.stop()
        away = ended(api, begun(api, "shutdown"))
        assert away["status"] == "failed"
        assert machine.endpoint in str(away["detail"])


def test_without_the_public_key_it_does_not_start(tmp_path: Path) -> None:
    from energytrack.errors import InvalidSettings
    from gateway.orders.__main__ import main

    with pytest.raises(InvalidSettings, match="ENERGYTRACK_GATEWAY_COMMAND_KEYS: expected the public key"):
        main({})
