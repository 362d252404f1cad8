"""Gateways on compose.yaml: Telegraf, users of their own, and the listener for those elsewhere in the plant.

They come after test_trial.py, which counts machines: Telegraf brings one more.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from energytrack.bus import Bus
from energytrack.bus.open import open_bus
from energytrack.clock import whole_milliseconds
from energytrack.errors import BusUnavailable, DeliveryFailed
from energytrack.messages import Reading, encode
from energytrack.settings import KafkaSettings
from energytrack.topics import COMMANDS, EVENTS, INSIGHTS, READINGS
from testkit.gateways import telegraf
from testkit.stack.servers import eventually
from tests.compose.conftest import ComposeStack
from tests.compose.test_trial import number, status

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PORT = 19093
SENDS = """
import sys
from energytrack.bus.open import open_bus
from energytrack.errors import DeliveryFailed
from energytrack.settings import KafkaSettings
import os
sink = open_bus(KafkaSettings.from_env(os.environ), "trial").sink(patience=30.0)
sink.put(sys.argv[1], "cnc-0001", b"{}")
try:
    sink.flush()
    print("sent")
except DeliveryFailed as refused:
    print(refused)
"""


CALLS = """
import json
import sys
from urllib.request import Request, urlopen
token, path, *body = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
given = body[0].encode() if body else None
with urlopen(Request(f"http://127.0.0.1:8000/api/{path}", given, headers), timeout=20) as answer:
    print(answer.read().decode())
"""
"""A script with a token, which asks the control API from inside its container."""


@dataclass(frozen=True)
class OpenedStack:
    """The stack, opened to gateways, and the user of one."""

    stack: ComposeStack
    user: str
    password: str
    authority: Path

    def bus(self) -> Bus:
        """Kafka as this gateway reaches it from outside, with what it was given."""
        given = {
            "servers": f"localhost:{PORT}",
            "security_protocol": "SASL_SSL",
            "ca_file": self.authority,
            "username": self.user,
            "password": self.password,
        }
        return open_bus(KafkaSettings.model_validate(given), "gateway")


@pytest.fixture(scope="module")
def plant(stack: ComposeStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedStack]:
    """As docs/connect-your-machines.md describes it; afterwards the stack is closed again."""
    settings = {
        "COMPOSE_FILE": "compose.yaml:deploy/compose/gateways.yaml:tests/compose/machine/compose.yaml",
        "KAFKA_PUBLIC_HOST": "localhost",
        "KAFKA_PUBLIC_PORT": str(PORT),
        "MACHINES_DIR": "./tests/compose/machine/inputs",
        "ORDERS_DIR": "./tests/compose/machine/orders",
    }
    opened = replace(stack, env={**stack.env, **settings})
    try:
        opened.compose("up", "--detach", "--no-build", "--pull", "never")
        said = opened.compose("run", "--rm", "topics", "python", "-m", "local.gateways", "add", "hall-2")
        fields = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
        authority = tmp_path_factory.mktemp("gateway") / "energytrack-ca.crt"
        authority.write_text(opened.compose("run", "--rm", "secrets", "authority"))
        yield OpenedStack(opened, fields["user"].strip(), fields["password"].strip(), authority)
    finally:
        profiles = ("--profile", "gateway", "--profile", "orders")
        extra = ("telegraf", "gateway-buffer", "gateway", "machine", "controller")
        opened.compose(*profiles, "rm", "--stop", "--force", *extra)
        stack.compose("up", "--detach", "--no-build", "--pull", "never")
        stack.engine.docker("network", "rm", "energytrack_gateways")


def sent(bus: Bus, topic: str) -> str:
    """Send one message; returns why it was refused, or nothing."""
    sink = bus.sink(patience=30.0)
    try:
        sink.put(topic, "cnc-0001", b"{}")
        sink.flush()
    except DeliveryFailed as refused:
        return str(refused)
    finally:
        sink.close()
    return ""


def test_a_gateways_user_sends_readings_and_events_and_no_commands(plant: OpenedStack) -> None:
    assert plant.user == "gateway-hall-2"
    bus = plant.bus()
    assert [sent(bus, topic) for topic in (READINGS, EVENTS)] == ["", ""]
    for topic in (COMMANDS, INSIGHTS):
        assert f"{topic}: the user 'gateway-hall-2' may not write to it" in sent(bus, topic)


def test_a_command_that_adds_a_user_leaves_the_listener_open(plant: OpenedStack) -> None:
    assert "gateway-hall-2" in plant.stack.compose("run", "--rm", "topics", "python", "-m", "local.gateways", "list")
    plant.bus().ping()


def test_the_listener_for_gateways_is_the_only_one_that_is_published_and_is_encrypted(plant: OpenedStack) -> None:
    (kafka,) = plant.stack.containers("kafka")
    assert list(kafka["HostConfig"]["PortBindings"]) == ["9093/tcp"]
    with socket.create_connection(("localhost", PORT), timeout=5) as line:
        line.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert not line.recv(100).startswith(b"HTTP")
    unsigned = KafkaSettings(servers=f"localhost:{PORT}")
    with pytest.raises(BusUnavailable):
        open_bus(unsigned, "stranger").ping()


@pytest.mark.parametrize("service", ["exporters", "historian", "ml-consumer", "simulator"])
def test_a_service_cannot_write_a_command(plant: OpenedStack, service: str) -> None:
    said = plant.stack.compose("exec", "-T", service, "python", "-c", SENDS, COMMANDS)
    assert f"{COMMANDS}: the user '{service}' may not write to it" in said


def test_telegraf_signs_in_and_brings_a_machines_readings(plant: OpenedStack) -> None:
    """Its inputs are in a folder without `secrets`, as those of meters without a password are."""
    if not telegraf.program().exists():
        pytest.skip("Telegraf is built by `make test-gateways`")
    plant.stack.compose("--profile", "gateway", "up", "--detach", "--no-build", "--pull", "never")
    eventually(lambda: status(plant.stack, "telegraf") == ["healthy"], 120, pause=1)
    reading = 'count(energytrack_device_info{device_id="cnc-9001"})'
    eventually(lambda: number(plant.stack, reading) == 1, 120, pause=1)


def test_an_order_reaches_a_machine_with_opc_ua(plant: OpenedStack) -> None:
    """Ordered through the control API, carried out by the gateway, and stored with the machine's own answer."""
    plant.stack.compose("--profile", "orders", "up", "--detach", "--no-build", "--pull", "never")
    eventually(lambda: status(plant.stack, "gateway") == ["healthy"], 120, pause=1)
    token = plant.stack.compose(
        "exec", "-T", "control-api", "python", "-m", "control_api", "tokens", "create", "--name", "trial", "--role",
        "Editor",
    ).split()[-1]  # fmt: skip
    _says_that_it_runs(plant.bus(), "cnc-9002")
    eventually(lambda: "cnc-9002" in _machines(plant.stack, token), 60, pause=1)
    order = {"device_id": "cnc-9002", "reason": "end of shift", "override": True}
    placed = ask_api(plant.stack, token, "shutdown", json.dumps(order))
    stored = f"commands/{placed['command_id']}"
    eventually(lambda: ask_api(plant.stack, token, stored)["status"] not in {"requested", "sent"}, 90, pause=1)
    answered = ask_api(plant.stack, token, stored)
    assert (answered["status"], answered["device_state"]) == ("done", "stopped")
    assert answered["requested_by"] == "token:trial"
    assert answered["answered_at"] is not None
    assert _answers(plant.stack) == ["done"]
    eventually(lambda: number(plant.stack, 'up{job="gateway"}') == 1, 60, pause=1)


def _says_that_it_runs(bus: Bus, device_id: str) -> None:
    """A reading of a machine, without which the control API knows none of that name."""
    reading = Reading(device_id, whole_milliseconds(datetime.now(UTC)), 40.0, 5.0, 9.0, state="running")
    with closing(bus.sink(patience=30.0)) as sink:
        sink.put(READINGS, device_id, encode(reading))
        sink.flush()


def ask_api(stack: ComposeStack, token: str, path: str, *body: str) -> dict[str, Any]:
    """What the control API answers."""
    answer: dict[str, Any] = json.loads(
        stack.compose("exec", "-T", "control-api", "python", "-c", CALLS, token, path, *body)
    )
    return answer


def _machines(stack: ComposeStack, token: str) -> list[str]:
    return [machine["device_id"] for machine in ask_api(stack, token, "devices?limit=1000")["devices"]]


def _answers(stack: ComposeStack) -> list[str]:
    """How the gateway answered its orders."""
    lines = stack.compose("logs", "--no-log-prefix", "gateway").splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    return [each["outcome"] for each in said if each["event"] == "answered"]
