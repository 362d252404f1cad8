"""compose.yaml as it is, on images made here: it comes up, data flows, secrets stay secret, and failures heal."""

import json
import os
import signal
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from deploy.compose.make_secrets import RANDOM
from testkit.stack.servers import eventually
from tests.compose.conftest import ComposeStack
from tests.unit.deploy.compose_file import containers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def ask(stack: ComposeStack, expression: str) -> list[dict[str, Any]]:
    """What Prometheus answers; it is asked from inside, since nobody has signed in."""
    url = f"http://127.0.0.1:9090/api/v1/query?query={quote(expression)}"
    answer = json.loads(stack.compose("exec", "-T", "prometheus", "wget", "-q", "-O", "-", url))
    result: list[dict[str, Any]] = answer["data"]["result"]
    return result


def number(stack: ComposeStack, expression: str) -> float:
    """The value of an expression that has one; 0 where it has none."""
    result = ask(stack, expression)
    return float(result[0]["value"][1]) if result else 0.0


def status(stack: ComposeStack, service: str) -> list[str]:
    """How a service's containers are: their health, or how they ended."""
    states = [container["State"] for container in stack.containers(service)]
    return [state.get("Health", {}).get("Status") or f"ended with {state['ExitCode']}" for state in states]


def is_(stack: ComposeStack, service: str, expected: str) -> bool:
    found = set(status(stack, service))
    assert found == {expected}, f"{service} is {found}, not {expected}"
    return True


def test_everything_is_healthy_or_done(stack: ComposeStack) -> None:
    for name, container in containers().items():
        if "profiles" not in container.described:
            expected = "ended with 0" if container.runs_once else "healthy"
            eventually(partial(is_, stack, name, expected), 300, pause=1)


def test_the_last_word_is_where_to_sign_in(stack: ComposeStack) -> None:
    assert f"Sign in at {stack.url} as admin" in stack.compose("logs", "welcome")


def test_the_front_door_is_open_and_is_the_only_one(stack: ComposeStack) -> None:
    with urllib.request.urlopen(f"{stack.url}/healthz", timeout=5) as answer:  # noqa: S310  # http, on this machine
        assert answer.status == 200
    published = stack.engine.docker("ps", "--format", "{{.Names}} {{.Ports}}").splitlines()
    assert [line.split()[0] for line in published if "->" in line] == ["energytrack-caddy-1"]


def test_readings_flow_from_machines_to_prometheus_and_the_database(stack: ComposeStack) -> None:
    eventually(lambda: number(stack, "count(energytrack_device_info)") == 60, 120, pause=1)
    stored = 'sum(energytrack_pipeline_emitted_total{stage="historian"})'
    eventually(lambda: number(stack, stored) > 100, 120, pause=1)


def test_the_made_password_lets_the_administrator_in_and_no_other_does(stack: ComposeStack) -> None:
    shown = stack.compose("run", "--rm", "secrets", "show")
    password = shown.split("password:")[1].split()[0]
    assert len(password) >= 32
    for offered, expected in ((password, "200"), ("admin", "401")):
        code = stack.compose(
            "exec", "-T", "grafana", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
            "-u", f"admin:{offered}", "http://127.0.0.1:3000/api/user",
        )  # fmt: skip
        assert code == expected


def test_secrets_show_in_no_environment_and_no_log(stack: ComposeStack) -> None:
    volumes = Path(stack.engine.docker("info", "--format", "{{.DockerRootDir}}").strip()) / "volumes"
    secrets = [
        (volumes / f"energytrack_secrets-{name.split('/')[0]}" / "_data" / name.split("/")[1]).read_text()
        for name in RANDOM
    ]
    seen = stack.engine.docker("inspect", *stack.compose("ps", "--all", "--quiet").split()) + stack.compose("logs")
    assert [name for name, secret in zip(RANDOM, secrets, strict=True) if secret in seen] == []


@pytest.mark.parametrize("service", ["control-api", "exporters", "historian", "ml-consumer", "retrain", "simulator"])
def test_a_container_sees_only_its_own_secrets(stack: ComposeStack, service: str) -> None:
    volumes = [volume for volume in containers()[service].described["volumes"] if volume.startswith("secrets-")]
    own = {volume.split(":")[1] for volume in volumes}
    seen = {
        str(Path(file).parent)
        for file in stack.compose("exec", "-T", service, "find", "/secrets", "-type", "f").split()
    }
    assert seen == own


def test_our_containers_run_as_nobody_in_particular_and_can_write_nothing(stack: ComposeStack) -> None:
    assert stack.compose("exec", "-T", "exporters", "id", "-u").strip() == "10001"
    refused = "touch /app/x 2>/dev/null && echo written || echo refused"
    assert stack.compose("exec", "-T", "exporters", "sh", "-c", refused).strip() == "refused"


def test_stores_publish_nothing_and_are_on_internal_networks_only(stack: ComposeStack) -> None:
    """Docker lets nothing out of such a network, and nothing in."""
    for service in ("kafka", "mongo", "prometheus"):
        (container,) = stack.containers(service)
        assert not container["HostConfig"]["PortBindings"]
        for network in container["NetworkSettings"]["Networks"]:
            shown = stack.engine.docker("network", "inspect", "--format", "{{.Internal}}", network)
            assert shown.strip() == "true"


@pytest.mark.parametrize("service", ["historian", "exporters", "mongo", "kafka"])
def test_a_killed_container_comes_back_and_the_flow_with_it(stack: ComposeStack, service: str) -> None:
    pid = int(stack.containers(service)[0]["State"]["Pid"])
    before = number(stack, "max(energytrack_exporter_newest_message_timestamp_seconds)")
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: is_(stack, service, "healthy"), 300, pause=1)
    newest = 'max(energytrack_exporter_newest_message_timestamp_seconds{topic="factory-sensor-data"})'
    eventually(lambda: number(stack, newest) > before + 10, 300, pause=1)
    silent = 'time() - max(energytrack_pipeline_last_processed_timestamp_seconds{stage="historian"})'
    eventually(lambda: 0 < number(stack, silent) < 15, 300, pause=1)


def test_more_replicas_share_the_machines_among_them(stack: ComposeStack) -> None:
    shared = 'count(energytrack_exporter_partitions{topic="factory-sensor-data"} > 0)'
    present = 'sum(energytrack_exporter_devices{presence="present"})'
    shown = "count(device:power_watts:max)"
    eventually(lambda: number(stack, present) == 60, 300, pause=1)
    try:
        _scaled(stack, 2)
        eventually(lambda: number(stack, shared) == 2, 300, pause=1)
        eventually(lambda: number(stack, present) == 60, 300, pause=1)
        eventually(lambda: number(stack, shown) == 60, 60, pause=1)
    finally:
        _scaled(stack, 1)
    eventually(lambda: number(stack, present) == 60, 300, pause=1)


def _scaled(stack: ComposeStack, replicas: int) -> None:
    wanted = [part for name in ("exporters", "historian") for part in ("--scale", f"{name}={replicas}")]
    stack.compose("up", "--detach", "--no-build", "--no-recreate", *wanted)
