"""The front door of the centre's containers, with the real Caddy: who writes series there, and who may not."""

import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml

from centre.catch_up import HEADERS
from deploy.compose.centre_secrets import FRONT_DOOR, make
from deploy.compose.make_secrets import AUTHORITY
from energytrack.samples import Series, packed, time_series
from local.services.centre import prepare_centre, prometheus_of_centre
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import HOST, ROOT, Site
from testkit.clients.http import HTTP
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, site_in, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PLANT, OTHER = "plant-a", "plant-b"
PATIENCE = seconds_here(30)
"""Seconds: Caddy's check of a password that it has not seen yet takes one second of an idle processor."""


@dataclass(frozen=True)
class FrontDoor:
    """Caddy as compose.centre.yaml starts it, before a real Prometheus."""

    site: Site
    secrets: Path

    def password(self, plant: str) -> str:
        return (self.secrets / "plants" / plant).read_text(encoding="utf-8")

    def send(self, user: str, password: str) -> int:
        """The status of a sample that is sent by remote write."""
        name = {"__name__": "plant:power_watts:sum", "plant": user}
        body = packed(time_series([Series(name, [(round(1000 * time.time()), 1500.0)])]))
        trusted = ssl.create_default_context(cafile=self.secrets / AUTHORITY)
        address = f"https://{HOST}:{self.site.ports.caddy}/api/v1/write"
        with httpx.Client(verify=trusted, auth=(user, password), timeout=PATIENCE) as client:
            return client.post(address, content=body, headers=HEADERS).status_code


def caddy(site: Site, folder: Path) -> ServiceDefinition:
    """The container's own entrypoint and its file, with the folders and ports of this computer."""
    here = {
        "/secrets/": f"{folder / 'secrets'}/",
        "/tmp/plants": str(folder / "plants"),  # noqa: S108  # the container's own
        "/etc/caddy/Caddyfile": str(folder / "Caddyfile"),
        ":8443": f":{site.ports.caddy}",
        ":8090": f":{site.ports.control_api}",
    }
    container = yaml.load((ROOT / "compose.centre.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)["services"][
        "caddy"
    ]
    *shell, script = container["entrypoint"]
    script = script.replace("${PLANTS}", f"{PLANT} {OTHER}").replace("$$", "$")
    file = (ROOT / "proxy" / "centre" / "Caddyfile").read_text(encoding="utf-8")
    for there, own in here.items():
        script, file = script.replace(there, own), file.replace(there, own)
    (folder / "Caddyfile").write_text(file, encoding="utf-8")
    return ServiceDefinition(
        name="caddy",
        purpose="under test",
        command=(*shell, script),
        ready=HttpAnswers(f"http://localhost:{site.ports.control_api}/healthz"),
        ports=("caddy",),
        env={
            "ENERGYTRACK_CENTRE_HOST": HOST,
            "ENERGYTRACK_GRAFANA": site.address(site.ports.grafana),
            "ENERGYTRACK_PROMETHEUS": site.address(site.ports.prometheus),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        },
    )


@pytest.fixture(scope="module")
def front_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDoor]:
    folder = tmp_path_factory.mktemp("centre")
    site = replace(site_in(folder / "var"), plants=(PLANT, OTHER))
    make(folder / "secrets", {"PLANTS": f"{PLANT} {OTHER}", "CENTRE_HOST": HOST}, datetime.now(UTC))
    assert (folder / "secrets" / FRONT_DOOR).exists()
    site.var.mkdir()
    prepare_centre(site)
    with ExitStack() as stack:
        stack.enter_context(started(prometheus_of_centre(site), site))
        stack.enter_context(started(caddy(site, folder), site))
        yield FrontDoor(site, folder / "secrets")


def test_a_plant_writes_with_its_password(front_door: FrontDoor) -> None:
    assert front_door.send(PLANT, front_door.password(PLANT)) == 204
    address = front_door.site.url(front_door.site.ports.prometheus, "/api/v1/query")

    def arrived() -> bool:
        found = HTTP.get(address, params={"query": f'plant:power_watts:sum{{plant="{PLANT}"}}'}).json()
        return [each["value"][1] for each in found["data"]["result"]] == ["1500"]

    eventually(arrived, 15)


def test_nobody_writes_with_a_wrong_password_or_anothers(front_door: FrontDoor) -> None:
    assert front_door.send(PLANT, "wrong") == 401
    assert front_door.send(PLANT, front_door.password(OTHER)) == 401
    assert front_door.send("plant-c", front_door.password(OTHER)) == 401


def test_prometheus_answers_no_other_question_there(front_door: FrontDoor) -> None:
    """All else is Grafana's, which is not running here."""
    trusted = ssl.create_default_context(cafile=front_door.secrets / AUTHORITY)
    for path in ("/api/v1/query?query=up", "/prometheus/api/v1/query?query=up", "/-/ready"):
        answer = httpx.get(f"https://{HOST}:{front_door.site.ports.caddy}{path}", verify=trusted)
        assert answer.status_code == 502


def test_grafanas_own_metrics_stay_inside_at_the_centre_too(front_door: FrontDoor) -> None:
    trusted = ssl.create_default_context(cafile=front_door.secrets / AUTHORITY)
    for path in ("/metrics", "//metrics", "/metrics/"):
        assert httpx.get(f"https://{HOST}:{front_door.site.ports.caddy}{path}", verify=trusted).status_code == 404
