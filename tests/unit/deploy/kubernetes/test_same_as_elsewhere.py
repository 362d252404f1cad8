"""deploy/kubernetes: the same as Compose and the local stack, and as the documentation says."""

import configparser
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.services.mirror import mirror_watch_service
from local.services.pipeline import PIPELINE, PipelineService
from local.services.secrets import COMMAND_KEYS
from local.site import Ports, Site
from testkit.builders.plants import a_plant_file
from tests.unit.deploy.compose_file import ROOT, containers, described
from tests.unit.deploy.kubernetes.objects import FOLDER, one, whole
from tools.kubernetes import __main__ as generator
from tools.provision import __main__ as provision

every_part = pytest.mark.parametrize("part", PIPELINE, ids=lambda part: part.name)


@every_part
def test_a_part_is_run_by_the_same_command_on_the_same_port(part: PipelineService) -> None:
    name = part.name.replace("_", "-")
    deployment = one("Deployment", name)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["python", "-m", part.module]
    assert container["ports"] == [{"name": "http", "containerPort": getattr(Ports(), part.name)}]
    assert deployment["spec"]["template"]["metadata"]["labels"]["energytrack/job"] == part.name
    env = {each["name"]: each.get("value") for each in container["env"]}
    variable = "ENERGYTRACK_CONTROL_API_PORT" if part.name == "control_api" else "ENERGYTRACK_METRICS_PORT"
    assert env[variable] == str(getattr(Ports(), part.name))
    assert ("ENERGYTRACK_MONGO_URI_FILE" in env) == ("mongo" in part.needs)
    people_make = set(part.secrets) - {COMMAND_KEYS}  # derived; the demonstration's machines check no signature
    assert {f"{secret}_FILE" for secret in people_make} <= env.keys()


def test_the_watch_over_the_mirror_is_run_as_in_the_local_stack() -> None:
    file = FOLDER / "several-plants" / "watch.yaml"
    pod = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    watch = mirror_watch_service(Site())
    assert container["command"] == ["python", *watch.command[1:]]
    assert container["ports"] == [{"name": "http", "containerPort": Ports().mirror_watch}]
    assert pod["metadata"]["labels"]["energytrack/job"] == watch.name
    assert pod["metadata"]["labels"]["app.kubernetes.io/component"] == "service"  # which Prometheus scrapes
    mirror = yaml.load((file.parent / "mirror.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)["spec"]["target"]
    env = {each["name"]: each["value"] for each in container["env"]}
    assert env["ENERGYTRACK_CENTRE_KAFKA_SERVERS"] == mirror["bootstrapServers"]
    assert env["ENERGYTRACK_CENTRE_PLANT"] == mirror["authentication"]["username"]


def test_servers_are_of_the_same_versions_as_in_compose() -> None:
    images = {name: container.described["image"] for name, container in containers().items()}
    assert images["kafka"] == f"apache/kafka:{one('Kafka', 'energytrack')['spec']['kafka']['version']}"
    assert images["mongo"] == f"mongo:{one('MongoDBCommunity', 'mongodb')['spec']['version']}"
    assert images["grafana"] == one("Grafana", "grafana")["spec"]["version"]
    assert images["prometheus"] == f"prom/prometheus:{one('Prometheus', 'energytrack')['spec']['version']}"
    front_door = one("Deployment", "front-door")["spec"]["template"]["spec"]["containers"][0]
    assert images["caddy"] == front_door["image"]
    variables = {each["name"] for each in front_door["env"] if each["name"].startswith("ENERGYTRACK_")}
    assert variables == {name for name in containers()["caddy"].env if name.startswith("ENERGYTRACK_")}


def test_grafana_is_configured_as_in_its_file() -> None:
    file = configparser.ConfigParser()
    file.read(ROOT / "grafana" / "grafana.ini", encoding="utf-8")
    assert one("Grafana", "grafana")["spec"]["config"] == {name: dict(file[name]) for name in file.sections()}


def test_grafana_is_given_every_file() -> None:
    grafana = ROOT / "grafana"
    maps = yaml.load((grafana / "kustomization.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)[
        "configMapGenerator"
    ]
    given = {file for each in maps for file in each["files"]}
    there = {str(file.relative_to(grafana)) for file in grafana.rglob("*") if file.suffix in {".json", ".yaml"}}
    assert given == {file for file in there if file.startswith(("dashboards/", "provisioning/"))}
    pod = one_grafana_pod()
    (laying_out,) = pod["initContainers"]
    mounted = {each["name"]: each["mountPath"] for each in laying_out["volumeMounts"]}
    assert mounted.keys() == {each["name"] for each in pod["volumes"]} - {"grafana-data"}
    configured = {each["configMap"]["name"] for each in pod["volumes"] if "configMap" in each}
    assert configured == {each["name"] for each in maps} | {"plant"}
    for name, folder in mounted.items():
        if folder.startswith("/app/"):
            assert (ROOT / folder.removeprefix("/app/")).is_dir(), name


def test_grafana_shows_the_plant_that_runs(tmp_path: Path) -> None:
    """The files are laid out for the plant of the config map, by the command that Compose uses, where Grafana looks."""
    pod = one_grafana_pod()
    (laying_out,) = pod["initContainers"]
    assert laying_out["command"][:3] == described()["services"]["provisioning"]["command"][:3]
    plant = a_plant_file(tmp_path, ("Europe/Berlin", "America/Chicago"))
    assert provision.main(["--plant", str(plant), "--out", str(tmp_path / "out")]) == 0
    (grafana,) = pod["containers"]
    for mount in grafana["volumeMounts"]:
        assert mount["name"] == "provisioned"
        assert any((tmp_path / "out" / mount["subPath"]).rglob("*.*"))
    home = tmp_path / "out" / "grafana" / "dashboards" / "home.json"
    assert json.loads(home.read_text(encoding="utf-8"))["timezone"] == "America/Chicago"
    env = {each["name"]: each.get("value") for each in grafana["env"]}
    assert env["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == "/etc/energytrack/dashboards/home.json"


def one_grafana_pod() -> dict[str, Any]:
    """What Grafana's object says about its pod."""
    pod: dict[str, Any] = one("Grafana", "grafana")["spec"]["deployment"]["spec"]["template"]["spec"]
    return pod


def test_prometheus_scrapes_as_often_and_records_the_same() -> None:
    file = yaml.load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)["global"]
    here = one("Prometheus", "energytrack")["spec"]
    assert here["scrapeInterval"] == file["scrape_interval"]
    assert here["evaluationInterval"] == file["evaluation_interval"]
    assert generator.main(["--check"]) == 0


def test_pages_and_the_address_agree() -> None:
    """One address, in the three places that an overlay changes."""
    base = yaml.load((FOLDER / "base" / "kustomization.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    (address,) = (each["literals"] for each in base["configMapGenerator"] if each["name"] == "address")
    host = one("Ingress", "front-door")["spec"]["rules"][0]["host"]
    assert address == [f"PUBLIC_URL=https://{host}", "TRUSTED_PROXIES=192.0.2.0/32"]
    assert one("Prometheus", "energytrack")["spec"]["externalUrl"] == f"https://{host}/prometheus/"


def test_the_secrets_that_people_make_are_those_that_are_used() -> None:
    text = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    made = set(re.findall(r"--from-literal=(\w+)=", text))
    used = set(re.findall(r"key: (\w+)", yaml.safe_dump(list(whole()), width=10_000)))
    assert made - {"password"} == used & {
        "ml_signing_key",
        "webhook_token",
        "grafana_admin_password",
        "grafana_secret_key",
        "command_signing_key",
    }
    assert len(made) == 6


def test_nobodys_word_about_addresses_counts_but_the_front_doors_own() -> None:
    """Its pods', by a name of theirs, and those of a proxy before it that the plant names."""
    (api,) = one("Deployment", "control-api")["spec"]["template"]["spec"]["containers"]
    (door,) = one("Deployment", "front-door")["spec"]["template"]["spec"]["containers"]
    named = {"configMapKeyRef": {"name": "address", "key": "TRUSTED_PROXIES"}}
    env = {each["name"]: each.get("value") or each["valueFrom"] for each in api["env"]}
    assert env["TRUSTED_PROXIES"] == named
    assert env["ENERGYTRACK_CONTROL_API_TRUSTED_PROXIES"] == "front-door-pods $(TRUSTED_PROXIES)"
    assert {"name": "ENERGYTRACK_FRONT_DOOR_TRUSTED", "valueFrom": named} in door["env"]
    pods = one("Service", "front-door-pods")["spec"]
    assert (pods["clusterIP"], pods["selector"]) == ("None", one("Service", "front-door")["spec"]["selector"])
    compose = containers()
    assert compose["control-api"].env["ENERGYTRACK_CONTROL_API_TRUSTED_PROXIES"] == "caddy ${TRUSTED_PROXIES:-}"
    assert compose["caddy"].env["ENERGYTRACK_FRONT_DOOR_TRUSTED"] == "${TRUSTED_PROXIES:-192.0.2.0/32}"
