"""Wrong passwords at a real Grafana behind the real front door: they slow down the address that they come from."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from local.services.front_door import caddy_service
from local.site import Site
from testkit.patience import seconds_here
from testkit.stack.grafana import HOME, NONE_HERE, PASSWORD, grafana_running
from testkit.stack.servers import site_in, started

pytestmark = [pytest.mark.skipif(HOME is None, reason=NONE_HERE), pytest.mark.timeout(600)]

NOWHERE = "http://127.0.0.1:9"
GUESSES = 20
"""In five minutes (grafana/grafana.ini)."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("passwords")
    site = replace(site_in(folder / "site"), grafana_home=Path(str(HOME)))
    (folder / "grafana").mkdir()
    with grafana_running(
        folder / "grafana", prometheus=NOWHERE, alerts=NOWHERE, smtp="127.0.0.1:9", mail_to="shift@plant.example"
    ) as grafana:
        port = int(grafana.url.rpartition(":")[2])
        site = replace(site, ports=replace(site.ports, grafana=port))
        with started(caddy_service(site), site):
            yield site


def signs_in(site: Site, address: str, password: str, headers: dict[str, str]) -> int:
    """The status for a person at that address."""
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=seconds_here(20)) as client:
        form = {"user": "admin", "password": password}
        return client.post(site.url(site.ports.caddy, "/login"), json=form, headers=headers).status_code


def test_guessing_locks_out_the_guesser_and_not_the_name(site: Site) -> None:
    """Whatever address the guesser claims to have."""
    for number in range(GUESSES + 1):
        claimed = f"203.0.113.{number}"
        assert signs_in(site, "127.0.0.2", "wrong", {"X-Real-IP": claimed, "X-Forwarded-For": claimed}) == 401
    assert signs_in(site, "127.0.0.2", PASSWORD, {"X-Real-IP": "203.0.113.99"}) == 401
    assert signs_in(site, "127.0.0.3", PASSWORD, {}) == 200
