"""With the switch, real servers let in who signs in and nobody else, and the stack works as without it."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from centre.catch_up import HEADERS
from energytrack.samples import Series, packed, time_series
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from local.services.access import password_file
from local.services.centre import prepare_centre, prometheus_of_centre, write_url
from local.services.mongo import mongo_uri, uri_file
from local.services.observability import (
    alertmanager_service,
    configuration_folder,
    prepare_prometheus,
    prometheus_service,
)
from local.services.passwords import USER, Server, authorization, server_password
from local.site import Site
from local.terminal.live_line import prometheus_query
from testkit.clients.http import HTTP
from testkit.stack.facts import created_token, said_by
from testkit.stack.local_stack import LocalStack, a_stack, pretend_to_have_a_model
from testkit.stack.servers import eventually, mongo_running, site_in, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
DEVICES: Final = 8
ALWAYS: Final = {"groups": [{"name": "own", "interval": "1s", "rules": [{"alert": "Always", "expr": "vector(1)"}]}]}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return replace(site_in(tmp_path), passwords=True)


@pytest.fixture
def watched(site: Site) -> Iterator[Site]:
    """Prometheus, which scrapes itself and Alertmanager and has an alert of its own, and Alertmanager."""
    services = (prometheus_service(site), alertmanager_service(site))
    prepare_prometheus(site, services)
    rules = configuration_folder(site) / "rules"
    rules.unlink()
    rules.mkdir()
    (rules / "own.yml").write_text(yaml.safe_dump(ALWAYS), encoding="utf-8")
    with started(services[0], site), started(services[1], site):
        yield site


def status(url: str, header: dict[str, str]) -> int:
    return HTTP.get(url, headers=header).status_code


def asked(site: Site, server: Server, path: str) -> Any:
    """The answer to who signs in."""
    url = site.url(getattr(site.ports, server), path)
    return HTTP.get(url, headers=authorization(server_password(site, server))).raise_for_status().json()


def up(site: Site) -> dict[str, str]:
    """Whether Prometheus could scrape each job."""
    found = asked(site, "prometheus", "/api/v1/query?query=up")["data"]["result"]
    return {each["metric"]["job"]: each["value"][1] for each in found}


@pytest.mark.parametrize("path", ["/", "/-/ready", "/metrics", "/api/v1/query?query=up", "/api/v2/alerts"])
def test_prometheus_and_alertmanager_let_in_who_signs_in(watched: Site, path: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("a guess")
    servers: tuple[Server, ...] = ("prometheus", "alertmanager")
    for server in servers:
        url = watched.url(getattr(watched.ports, server), path)
        assert status(url, {}) == 401
        assert status(url, authorization(wrong)) == 401
        assert status(url, authorization(server_password(watched, server))) in {200, 302, 404}  # each has its own paths
    other = authorization(server_password(watched, "alertmanager"))
    assert status(watched.url(watched.ports.prometheus, "/-/ready"), other) == 401


def test_prometheus_scrapes_both_and_sends_alerts(watched: Site) -> None:
    def alerts() -> list[str]:
        return [each["labels"]["alertname"] for each in asked(watched, "alertmanager", "/api/v2/alerts")]

    eventually(lambda: up(watched) == {"prometheus": "1", "alertmanager": "1"}, deadline=60, pause=0.5)
    eventually(lambda: alerts() == ["Always"], deadline=60, pause=0.5)


def test_plants_write_to_their_centre_with_their_own_passwords(site: Site) -> None:
    centre = replace(site, plants=("plant-a",))
    prepare_centre(centre)
    with started(prometheus_of_centre(centre), centre):
        written = Series({"__name__": "written", "plant": "plant-a"}, [(round(1000 * time.time()), 7.0)])
        body = packed(time_series([written]))

        def write(auth: httpx.Auth) -> int:
            return HTTP.post(write_url(centre), content=body, headers=HEADERS, auth=auth).status_code

        assert write(httpx.Auth()) == 401
        assert write(httpx.BasicAuth("plant-a", "a guess")) == 401
        assert write(httpx.BasicAuth("plant-a", password_file(centre, "plant-a").read_text())) == 204
        found = asked(centre, "prometheus", "/api/v1/query?query=written")["data"]["result"]
        assert [each["value"][1] for each in found] == ["7"]
        eventually(lambda: up(centre) == {"prometheus": "1"}, deadline=60, pause=0.5)


def test_the_database_lets_in_who_signs_in(site: Site) -> None:
    """A new password takes the place of the old one at the next start, and the data stays."""
    address = f"mongodb://{site.address(site.ports.mongo)}"
    with mongo_running(site):
        with closing(open_store(MongoSettings(uri=mongo_uri(site)))) as store:
            store.prepare()
            assert store.readings.name in store.link.database.list_collection_names()
        with MongoClient[dict[str, Any]](address) as nobody, pytest.raises(OperationFailure, match="authentication"):
            nobody["energytrack"].list_collection_names()
        _refuses(f"mongodb://{USER}:a-guess@{site.address(site.ports.mongo)}/?authSource=admin")
    first = mongo_uri(site)
    file = server_password(site, "mongo")
    assert file is not None
    file.unlink()
    assert mongo_uri(site) != first
    with mongo_running(site):
        with MongoClient[dict[str, Any]](mongo_uri(site)) as client:
            assert "readings" in client["energytrack"].list_collection_names()
            with pytest.raises(OperationFailure, match="not authorized"):
                client["admin"].command("createUser", "another", pwd=USER, roles=["root"])
        _refuses(first)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    with a_stack(tmp_path / "var", {"ENERGYTRACK_LOCAL_PASSWORDS": "1"}) as made:
        pretend_to_have_a_model(made.site.var)
        yield made


def test_a_running_stack_gets_passwords_and_goes_on(stack: LocalStack) -> None:
    """Every service becomes ready; people reach Prometheus by the front door, and commands find the database."""
    ready = stack.site.url(stack.site.ports.prometheus, "/-/ready")
    switch = stack.env.pop("ENERGYTRACK_LOCAL_PASSWORDS")
    assert stack.say("up", "--devices", str(DEVICES)).returncode == 0
    assert status(ready, {}) == 200
    token = created_token(LocalStack(replace(stack.site, passwords=False), stack.env))

    stack.env["ENERGYTRACK_LOCAL_PASSWORDS"] = switch
    changed = stack.say("up", "--devices", str(DEVICES))
    assert changed.returncode == 0, changed.stdout + changed.stderr
    assert f"in {stack.site.var / 'secrets' / 'servers'}, user {USER}." in " ".join(changed.stdout.split())
    assert status(ready, {}) == 401
    assert stack.say("status").returncode == 0
    eventually(lambda: stack.throughput().devices == DEVICES, deadline=60, pause=1)
    eventually(lambda: (stack.throughput().stored or 0) > 0, deadline=60, pause=1)

    query = stack.site.url(stack.site.ports.caddy, "/prometheus/api/v1/query?query=up")
    assert status(query, {}) == 401
    assert status(query, {"Authorization": f"Bearer {token}"}) == 200
    eventually(lambda: _reconciles(stack.site), deadline=90, pause=1)
    assert uri_file(stack.site).read_text() == mongo_uri(stack.site)
    assert "script" in said_by(stack, "control_api", "tokens", "list")
    backup = stack.say("backup")
    assert backup.returncode == 0, backup.stdout + backup.stderr


def _reconciles(site: Site) -> bool:
    """Whether the control API, which alone asks for them, has received the rules' alerts from Prometheus."""
    answered = 'sum(prometheus_http_requests_total{handler="/api/v1/rules",code="200"})'
    return (prometheus_query(site)(answered) or 0) > 0


def _refuses(uri: str) -> None:
    with (
        MongoClient[dict[str, Any]](uri) as client,
        pytest.raises(OperationFailure, match="authentication failed"),
    ):
        client["energytrack"].list_collection_names()
