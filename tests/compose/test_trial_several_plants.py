"""A centre of several plants (compose.centre.yaml), the plant of compose.yaml that sends to it, and one that leaves.

Over TLS and with passwords, as docs/several-plants.md describes it.
"""

import json
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from energytrack.topics import EVENTS, READINGS
from testkit.stack.servers import eventually
from tests.compose.conftest import ComposeStack
from tests.compose.test_trial import number, status

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PLANT, SECOND, NAME = "plant-a", "plant-b", "centre.example"
SENDING = ("simulator", "exporters", "prometheus", "mirror", "mirror-watch")
"""What of a plant sends to the centre."""
SERVERS = ("kafka", "prometheus", "grafana", "caddy")
HTTPS_PORT, KAFKA_PORT = "18543", "19193"
NEWEST = """
import os, sys
from energytrack.bus.kafka.newest import NewestMessages
from energytrack.settings import KafkaSettings
newest = NewestMessages(KafkaSettings.from_env(os.environ), "trial").of(sys.argv[1:])
print(max(newest.values(), default=0.0))
"""


@dataclass(frozen=True)
class Company:
    """A centre, and a plant."""

    plant: ComposeStack
    centre: ComposeStack
    authority: Path

    def knows(self, *plants: str) -> ComposeStack:
        """The centre with these names in its `.env`.

        Compose starts nothing that needs a server which is too busy to answer at that moment.
        """
        changed = replace(self.centre, env={**self.centre.env, "PLANTS": " ".join(plants)})
        for server in ("kafka", "prometheus", "grafana"):
            eventually(partial(_healthy, changed, server), 180, pause=1)
        changed.compose("up", "--detach", "--no-build", "--pull", "never")
        eventually(partial(_healthy, changed, "caddy"), 180, pause=1)
        return changed

    def newest(self, topic: str) -> float:
        """When the newest message of a topic at the centre was sent, in Unix seconds; 0 without any."""
        said = self.centre.compose("run", "--rm", "-T", "plants", "python", "-c", NEWEST, topic)
        return float(said.split()[-1])

    def post(self, path: str, **headers: str) -> int:
        """The status of an empty request to the centre's front door."""
        trusted = ssl.create_default_context(cafile=self.authority)
        request = urllib.request.Request(f"https://localhost:{HTTPS_PORT}{path}", b"", headers)
        try:
            with urllib.request.urlopen(request, timeout=20, context=trusted) as answer:  # noqa: S310  # https
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code


@pytest.fixture(scope="module")
def company(stack: ComposeStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    centre = replace(
        stack,
        env={
            "COMPOSE_FILE": "compose.centre.yaml",
            "PLANTS": f"{PLANT} {SECOND}",
            "CENTRE_HOST": NAME,
            "CENTRE_HTTPS_PORT": HTTPS_PORT,
            "CENTRE_KAFKA_PORT": KAFKA_PORT,
        },
    )
    authority = tmp_path_factory.mktemp("centre") / "centre-ca.crt"
    settings = {
        "COMPOSE_FILE": "compose.yaml:deploy/compose/several-plants.yaml:tests/compose/centre/plant.yaml",
        "CENTRE_PLANT": PLANT,
        "CENTRE_WRITE_URL": f"https://{NAME}:{HTTPS_PORT}/api/v1/write",
        "CENTRE_KAFKA_SERVERS": f"{NAME}:{KAFKA_PORT}",
        "CENTRE_CA_FILE": str(authority),
    }
    plant = replace(stack, env={**stack.env, **settings})
    try:
        centre.compose("up", "--detach", "--no-build", "--pull", "never")
        authority.write_text(centre.compose("run", "--rm", "secrets", "authority"))
        given = replace(plant, env={**plant.env, "CENTRE_PASSWORD": password_of(centre, PLANT)})
        given.compose("up", "--detach", "--no-build", "--pull", "never")
        eventually(partial(_healthy, centre, "caddy"), 180, pause=1)
        yield Company(plant, centre, authority)
    finally:
        log = centre.compose("logs", "--no-color") + plant.compose("logs", "--no-color", "mirror", "mirror-watch")
        (stack.engine.socket.parent.parent / "several-plants.log").write_text(log, encoding="utf-8")
        centre.compose("down", "--volumes", "--timeout", "20")
        plant.compose("rm", "--stop", "--force", "mirror", "mirror-watch", "centre-settings")
        stack.compose("up", "--detach", "--no-build", "--pull", "never")
        for kind, name in (("network", "energytrack_centre"), ("volume", "energytrack_several-plants")):
            left = stack.engine.docker(kind, "ls", "--quiet", "--filter", f"name={name}").split()
            if left:
                stack.engine.docker(kind, "rm", *left)


def password_of(centre: ComposeStack, plant: str) -> str:
    """What the centre shows for this plant, as a line for its `.env`."""
    shown = centre.compose("run", "--rm", "secrets", "show")
    return shown.partition(f"CENTRE_PLANT={plant}\n")[2].splitlines()[0].removeprefix("CENTRE_PASSWORD=")


@pytest.fixture
def second(company: Company) -> Iterator[ComposeStack]:
    """Another plant on the same computer: as much of it as sends to the centre."""
    own = {"COMPOSE_PROJECT_NAME": "energytrack-b", "CENTRE_PLANT": SECOND, "DEVICES": "20"}
    password = {"CENTRE_PASSWORD": password_of(company.centre, SECOND)}
    plant = replace(company.plant, env={**company.plant.env, **own, **password})
    try:
        plant.compose("up", "--detach", "--no-build", "--pull", "never", *SENDING)
        yield plant
    finally:
        plant.compose("down", "--volumes", "--timeout", "20")


def at_centre(company: Company, expression: str) -> list[dict[str, Any]]:
    """What the centre's Prometheus answers."""
    url = f"http://127.0.0.1:9090/api/v1/query?query={quote(expression)}"
    answer = json.loads(company.centre.compose("exec", "-T", "prometheus", "wget", "-q", "-O", "-", url))
    result: list[dict[str, Any]] = answer["data"]["result"]
    return result


def test_the_centre_comes_up_and_publishes_two_ports(company: Company) -> None:
    for service in SERVERS:
        eventually(partial(_healthy, company.centre, service), 180, pause=1)
    published = {
        f"{service}:{port}"
        for service in SERVERS
        for container in company.centre.containers(service)
        for port in container["HostConfig"]["PortBindings"] or {}
    }
    assert published == {"kafka:9093/tcp", "caddy:8443/tcp"}


def test_what_a_plant_records_arrives_in_its_name_and_nothing_else_does(company: Company) -> None:
    recorded = f'plant:power_watts:sum{{plant="{PLANT}"}}'
    eventually(lambda: bool(at_centre(company, recorded)), 180, pause=1)
    names = {each["metric"]["__name__"] for each in at_centre(company, f'count by (__name__) ({{plant="{PLANT}"}})')}
    assert {name for name in names if ":" not in name} <= {"up", "ALERTS"}
    silence = f'plant:silence_seconds:max{{plant="{PLANT}"}} < 120'
    eventually(lambda: bool(at_centre(company, silence)), 120, pause=1)


def test_who_has_no_password_writes_nothing(company: Company) -> None:
    assert company.post("/api/v1/write") == 401
    assert company.post("/api/v1/write", Authorization="Basic cGxhbnQtYTp3cm9uZw==") == 401  # plant-a:wrong
    assert company.post("/api/v1/query?query=up") != 200


def test_readings_arrive_and_a_mirror_that_stands_still_is_seen(company: Company) -> None:
    there = f"{PLANT}.{READINGS}"
    eventually(partial(_healthy, company.plant, "mirror-watch"), 180, pause=1)
    eventually(lambda: company.newest(there) > 0, 180, pause=1)
    lag = "max(energytrack_mirror_lag_seconds)"
    eventually(lambda: number(company.plant, f"{lag} < bool 30") == 1, 180, pause=1)
    company.plant.compose("pause", "mirror")
    try:
        eventually(lambda: number(company.plant, lag) > 30, 120, pause=1)
    finally:
        company.plant.compose("unpause", "mirror")
    eventually(lambda: number(company.plant, f"{lag} < bool 30") == 1, 180, pause=1)
    eventually(lambda: company.newest(f"{PLANT}.{EVENTS}") > 0, 120, pause=1)
    assert company.newest(READINGS) == 0  # nothing lies there under a name that is not the plant's


def test_two_plants_send_each_in_its_own_name_until_one_leaves(company: Company, second: ComposeStack) -> None:
    def sending() -> set[str]:
        return {each["metric"]["plant"] for each in at_centre(company, "plant:power_watts:sum")}

    eventually(lambda: sending() == {PLANT, SECOND}, 180, pause=1)
    eventually(partial(_healthy, second, "mirror-watch"), 180, pause=1)
    eventually(lambda: company.newest(f"{SECOND}.{READINGS}") > 0, 180, pause=1)
    lag = "max(energytrack_mirror_lag_seconds) < bool 30"
    eventually(lambda: [number(plant, lag) for plant in (company.plant, second)] == [1, 1], 180, pause=1)
    signed_in = "Basic " + b64encode(f"{SECOND}:{password_of(company.centre, SECOND)}".encode()).decode()
    assert company.post("/api/v1/write", Authorization=signed_in) != 401
    try:
        company.knows(PLANT).compose("run", "--rm", "plants", "python", "-m", "centre", "remove", SECOND)
        assert company.post("/api/v1/write", Authorization=signed_in) == 401
        eventually(lambda: not _healthy(second, "mirror-watch"), 180, pause=1)  # the centre's Kafka refuses it too
    finally:
        company.knows(PLANT, SECOND)


def test_a_wrong_setting_leaves_the_plant_its_prometheus(company: Company) -> None:
    wrong = replace(company.plant, env={**company.plant.env, "CENTRE_PLANT": "Plant A"})
    try:
        wrong.compose("up", "--detach", "--no-build", "--pull", "never")
        eventually(partial(_healthy, wrong, "prometheus"), 180, pause=1)
        assert status(wrong, "centre-settings") == ["ended with 2"]
    finally:
        company.plant.compose("up", "--detach", "--no-build", "--pull", "never")
    eventually(partial(_healthy, company.plant, "mirror-watch"), 180, pause=1)


def test_what_a_long_cut_kept_back_is_sent_by_a_command(company: Company) -> None:
    command = ("python", "-m", "centre", "catch-up", "--hours", "0.1", "--prometheus", "http://prometheus:9090")
    said = company.plant.compose("run", "--rm", "-T", "mirror-watch", *command)
    assert "the centre has the last 0.1 hours" in said


def _healthy(stack: ComposeStack, service: str) -> bool:
    return status(stack, service) == ["healthy"]
