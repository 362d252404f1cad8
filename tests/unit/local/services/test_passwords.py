"""With `ENERGYTRACK_LOCAL_PASSWORDS=1` the local stack's servers have passwords, and all who ask them sign in."""

import re
import stat
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
import yaml

from control_api.settings import ControlApiSettings
from local.lifecycle.readiness import ask
from local.services.catalogue import services
from local.services.centre import prepare_centre, prometheus_of_centre
from local.services.definition import HttpAnswers, MongoAnswers, ServiceDefinition
from local.services.mongo import mongo_uri, prepare_mongo, uri_file
from local.services.observability import alertmanager_service, prepare_prometheus, prometheus_service
from local.services.passwords import USER, Server, authorization, server_password
from local.services.pipeline import shared_env
from local.site import ROOT, Ports, Site
from local.terminal.live_line import prometheus_query
from testkit.stand_ins.password import GuardedServer, guarded_server

ADDRESS: Final = re.compile(
    r"ports\.(prometheus|alertmanager|mongo)\b|\.mongo_uri\(|mongodb://|127\.0\.0\.1:909[05]|\balertmanager\(site"
)
SIGNS_IN: Final = {
    "centre/__main__.py": "catch-up's --prometheus-password-file",
    "local/services/centre.py": "plants write to the centre's Prometheus as users of its web configuration",
    "local/services/front_door.py": "the variable ENERGYTRACK_PROMETHEUS_AUTHORIZATION",
    "local/services/mongo.py": "mongo_uri: the password is part of the address",
    "local/services/observability.py": "readiness checks, Grafana's data source, Prometheus' own configuration",
    "local/services/pipeline.py": "the control API's settings; the database by mongo_uri",
    "local/terminal/demo.py": "shows addresses, asks nobody",
    "local/terminal/live_line.py": "prometheus_query",
    "bench/faults/counting.py": "the header of authorization()",
    "testkit/kubernetes/database.py": "its own database, whose password is made like an operator's",
    "testkit/stack/facts.py": "the header of authorization(); the database by mongo_uri",
    "testkit/stack/shift.py": "the header of authorization()",
    "tools/linters/__main__.py": "the address that a person types, which may hold user and password",
    "tools/pictures/__main__.py": "the header of authorization()",
}
"""Every module that knows an address of one of these servers, and how it signs in there."""
WITHOUT: Final = {
    "bench/ledger.py": "its own servers",
    "bench/outages/plant.py": "its own servers",
    "bench/pipeline/stages.py": "its own servers",
    "bench/takeup.py": "its own servers",
    "deploy/compose/make_secrets.py": "Compose, where the database always has a password",
    "energytrack/settings.py": "the default of a setting",
    "testkit/builders/alert_payloads.py": "a link in a notification",
}
"""Modules with such an address that never is a server with the switch."""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(var=tmp_path / "var", passwords=True)


def service(site: Site, name: str) -> ServiceDefinition:
    return next(each for each in services(site) if each.name == name)


def password(site: Site, server: Server) -> str:
    file = server_password(site, server)
    assert file is not None
    return file.read_text()


def test_every_module_that_knows_an_address_signs_in() -> None:
    """Whoever adds one says here how it does; otherwise it gets 401 as soon as the switch is on."""
    packages = ("bench", "centre", "control_api", "deploy", "energytrack", "exporters", "gateway", "historian", "local",
                "ml", "simulator", "testkit", "tools")  # fmt: skip
    found = {
        path.relative_to(ROOT).as_posix()
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        if ADDRESS.search(path.read_text(encoding="utf-8"))
    }
    assert found == SIGNS_IN.keys() | WITHOUT.keys()


def test_without_the_switch_nothing_has_a_password(tmp_path: Path) -> None:
    site = Site(var=tmp_path)
    assert server_password(site, "prometheus") is None
    assert authorization(None) == {}
    assert mongo_uri(site) == "mongodb://127.0.0.1:27017"
    said = " ".join([word for each in services(site) for word in (*each.command, *each.env, *each.env.values())])
    assert not re.search(r"web\.config|--auth\b|password-file|PROMETHEUS_(AUTHORIZATION|USERNAME|PASSWORD)", said)
    assert not (tmp_path / "secrets").exists()


def test_each_server_has_its_own_password_for_this_user_only(site: Site) -> None:
    servers: tuple[Server, ...] = ("prometheus", "alertmanager", "mongo")
    passwords = {password(site, server) for server in servers}
    assert len(passwords) == 3
    assert {len(each) for each in passwords} == {43}
    for server in servers:
        file = server_password(site, server)
        assert file is not None
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert server_password(site, server) == file
    assert {password(site, server) for server in servers} == passwords


def test_servers_ask_for_it_and_their_readiness_checks_sign_in(site: Site) -> None:
    for made, server in ((prometheus_service(site), "prometheus"), (alertmanager_service(site), "alertmanager")):
        file = site.var / "prometheus" / "config" / f"{server}-web.yml"
        assert f"--web.config.file={file}" in made.command
        assert isinstance(made.ready, HttpAnswers)
        assert made.ready.password_file == site.var / "secrets" / "servers" / server
    mongo = service(site, "mongo")
    assert "--auth" in mongo.command
    assert f"--password-file={server_password(site, 'mongo')}" in mongo.command
    assert mongo.ready == MongoAnswers(mongo_uri(site))


def test_services_sign_in_to_the_database(site: Site) -> None:
    address = urlsplit(shared_env(site)["ENERGYTRACK_MONGO_URI"])
    assert (address.username, address.password, address.port) == (USER, password(site, "mongo"), 27017)
    assert address.query == "authSource=admin"


def test_commands_find_the_address_of_the_database_as_long_as_it_has_a_password(site: Site) -> None:
    password(site, "mongo")
    prepare_mongo(site)
    assert uri_file(site).read_text() == mongo_uri(site)
    assert stat.S_IMODE(uri_file(site).stat().st_mode) == 0o600
    assert str(uri_file(site).relative_to(site.var.parent)) in (ROOT / "et").read_text()
    prepare_mongo(replace(site, mongo_uri="mongodb://db.plant.example"))
    assert not uri_file(site).exists()
    prepare_mongo(site)
    prepare_mongo(replace(site, passwords=False))
    assert not uri_file(site).exists()


def test_the_control_api_signs_in_to_prometheus(site: Site) -> None:
    settings = ControlApiSettings.from_env(service(site, "control_api").env)
    assert settings.prometheus_auth() == (USER, password(site, "prometheus"))


def test_the_front_door_signs_in_to_prometheus_instead_of_the_caller(site: Site) -> None:
    (value,) = authorization(server_password(site, "prometheus")).values()
    assert b64decode(value.removeprefix("Basic ")).decode() == f"{USER}:{password(site, 'prometheus')}"
    assert service(site, "caddy").env["ENERGYTRACK_PROMETHEUS_AUTHORIZATION"] == value
    file = (ROOT / "proxy" / "Caddyfile").read_text()
    (block,) = re.findall(r"reverse_proxy \{\$ENERGYTRACK_PROMETHEUS\} \{(.*?)\n\t\t\t\}", file, re.DOTALL)
    assert 'header_up Authorization "{$ENERGYTRACK_PROMETHEUS_AUTHORIZATION}"' in block


def test_grafana_signs_in_to_prometheus(site: Site, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grafana").touch(mode=0o755)
    site = replace(site, grafana_home=tmp_path)
    assert service(site, "grafana").env["ENERGYTRACK_GRAFANA_PROMETHEUS_PASSWORD"] == password(site, "prometheus")
    prepare_prometheus(site, ())
    file = site.var / "provisioned" / "grafana" / "provisioning" / "datasources" / "prometheus.yaml"
    (source,) = yaml.load(file.read_text(), yaml.CSafeLoader)["datasources"]
    assert (source["basicAuth"], source["basicAuthUser"]) == (True, USER)
    assert source["secureJsonData"] == {"basicAuthPassword": "${ENERGYTRACK_GRAFANA_PROMETHEUS_PASSWORD}"}


def test_prometheus_signs_in_to_itself_and_to_alertmanager(site: Site) -> None:
    prepare_prometheus(site, (prometheus_service(site), alertmanager_service(site)))
    folder = site.var / "prometheus" / "config"
    configuration = yaml.load((folder / "prometheus.yml").read_text(), yaml.CSafeLoader)
    signs_in = {job["job_name"]: job["basic_auth"] for job in configuration["scrape_configs"] if "basic_auth" in job}
    of_alertmanager = {"username": USER, "password_file": str(server_password(site, "alertmanager"))}
    assert signs_in == {
        "prometheus": {"username": USER, "password_file": str(server_password(site, "prometheus"))},
        "alertmanager": of_alertmanager,
    }
    (manager,) = configuration["alerting"]["alertmanagers"]
    assert manager == {"basic_auth": of_alertmanager, "file_sd_configs": [{"files": ["targets/alertmanager.yml"]}]}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for server in ("prometheus", "alertmanager"):
        assert yaml.load((folder / f"{server}-web.yml").read_text(), yaml.CSafeLoader)["basic_auth_users"].keys() == {
            USER
        }


def test_plants_sign_in_to_the_prometheus_of_their_centre(site: Site) -> None:
    """With the password of their user in its Kafka; itself it scrapes on its own port."""
    centre = replace(site, plants=("plant-a", "plant-b"), ports=Ports().shifted(2000))
    prepare_centre(centre)
    folder = centre.var / "prometheus" / "config"
    web = yaml.load((folder / "prometheus-web.yml").read_text(), yaml.CSafeLoader)
    assert web["basic_auth_users"].keys() == {USER, "plant-a", "plant-b"}
    assert f"--web.config.file={folder / 'prometheus-web.yml'}" in prometheus_of_centre(centre).command
    (job,) = yaml.load((folder / "prometheus.yml").read_text(), yaml.CSafeLoader)["scrape_configs"]
    assert job["basic_auth"]["username"] == USER
    assert job["static_configs"] == [{"targets": ["127.0.0.1:11090"]}]
    assert "groups" in yaml.load((folder / "plants.yml").read_text(), yaml.CSafeLoader)


@pytest.fixture
def guarded(site: Site) -> Iterator[GuardedServer]:
    with guarded_server(USER, password(site, "prometheus"), b'{"data": {"result": [{"value": [0, "7"]}]}}') as server:
        yield server


def test_readiness_checks_and_the_live_line_sign_in(site: Site, guarded: GuardedServer) -> None:
    ask(HttpAnswers(guarded.url, server_password(site, "prometheus")))
    assert prometheus_query(replace(site, ports=replace(site.ports, prometheus=guarded.port)))("up") == 7.0
    assert guarded.answered == [200, 200]
