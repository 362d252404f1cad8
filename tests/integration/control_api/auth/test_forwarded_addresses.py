"""Through the real front door: a caller's own word about where they are counts for nothing, a trusted proxy's does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.services.front_door import caddy_service
from local.site import Site
from testkit.patience import seconds_here
from testkit.stack.control_service import a_token, control_api, serving
from testkit.stack.servers import site_in, started
from tests.integration.control_api.conftest import Names

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

FORGED: Final = "203.0.113."
PRIVATE, OTHER = "127.0.0.2", "127.0.0.3"
"""Two addresses of a private network before the front door."""


@contextmanager
def behind_the_door(site: Site, names: Names, before_it: str = "") -> Iterator[None]:
    """The control API behind the front door, both of which trust the proxy `before_it`."""
    trusted = {"ENERGYTRACK_CONTROL_API_TRUSTED_PROXIES": f"127.0.0.1 {before_it}"} if before_it else {}
    door = caddy_service(site)
    if before_it:
        door = replace(door, env={**door.env, "ENERGYTRACK_FRONT_DOOR_TRUSTED": before_it})
    open_bus(KafkaSettings.from_env(names), "test").create_topics(TOPICS)
    with serving(site, {**names, **trusted}), started(door, site):
        yield


def client_at(address: str, site: Site) -> httpx.Client:
    return httpx.Client(
        base_url=site.url(site.ports.caddy, "/control"),
        transport=httpx.HTTPTransport(local_address=address),
        timeout=seconds_here(15),
    )


def forged(number: int) -> dict[str, str]:
    address = f"{FORGED}{number}"
    return {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}"}


def order(client: httpx.Client, token: str, headers: dict[str, str]) -> str:
    """The address that an order keeps."""
    body = {"device_id": "press-0001", "reason": "test", "override": True}
    said = client.post("/api/shutdown", json=body, headers={**headers, "Authorization": f"Bearer {token}"})
    assert said.status_code == 202, said.text
    return str(said.json()["address"])


def audited(names: Names) -> set[str]:
    """The addresses of the audit log."""
    return {
        found
        for line in control_api(names, "audit", "export").splitlines()
        if isinstance(found := json.loads(line).get("address"), str)
    }


def test_a_forged_address_neither_escapes_the_limit_nor_enters_the_audit_log(names: Names, tmp_path: Path) -> None:
    site = site_in(tmp_path)
    token = a_token(names, "test", "Editor")
    wrong = {"Authorization": "Bearer wrong"}
    with behind_the_door(site, names), client_at(PRIVATE, site) as stranger, client_at(OTHER, site) as other:
        statuses = [
            stranger.get("/api/devices", headers={**forged(number), **wrong}).status_code for number in range(1, 42)
        ]
        assert 429 in statuses  # 41 wrong tokens are more than 20 in one minute, whichever minute it is
        assert other.get("/api/devices", headers={**forged(1), **wrong}).status_code == 401
        assert order(stranger, token, forged(1)) == PRIVATE
    assert PRIVATE in audited(names)
    assert not any(address.startswith(FORGED) for address in audited(names))


def test_a_trusted_proxys_word_counts(names: Names, tmp_path: Path) -> None:
    site = site_in(tmp_path)
    token = a_token(names, "test", "Editor")
    with behind_the_door(site, names, PRIVATE), client_at(PRIVATE, site) as proxy:
        assert order(proxy, token, {"X-Forwarded-For": f"192.0.2.1, {FORGED}9"}) == f"{FORGED}9"
