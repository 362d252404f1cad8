"""compose.centre.yaml: the servers of a plant, opened to plants, and nothing else of a plant."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest
import yaml

from local.services.centre import prometheus_of_centre
from local.site import Site
from tests.unit.deploy.compose_file import ROOT, containers

FILE = ROOT / "compose.centre.yaml"
SERVERS = ("kafka", "prometheus", "grafana", "caddy")


def described() -> dict[str, Any]:
    file: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return file


@pytest.mark.slow
def test_the_file_follows_the_compose_specification() -> None:
    import jsonschema  # it compiles a grammar, for three seconds: not in every process that collects this file

    schema = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    problems = jsonschema.validators.validator_for(schema)(schema).iter_errors(described())
    assert [(list(problem.path), problem.message) for problem in problems] == []


def test_what_can_be_set_is_what_the_opening_comment_says() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    taken = set(re.findall(r"(?<!\$)\$\{(\w+)", "\n".join(line for line in lines if not line.startswith("#"))))
    entries = (re.match(r"#   ((?:[A-Z_]+(?:, )?)+)  ", line) for line in lines)
    promised = {name for entry in entries if entry for name in entry.group(1).split(", ")}
    assert taken == promised


def test_servers_are_those_of_a_plant() -> None:
    services = described()["services"]
    for name in SERVERS:
        plant, centre = containers()[name].described, services[name]
        same = ("image", "restart", "init", "cap_drop", "security_opt", "logging", "deploy", "healthcheck", "ulimits")
        for key in same:
            assert centre.get(key) == plant.get(key), (name, key)
    assert "./kafka/broker.properties:/mnt/shared/config/server.properties:ro" in services["kafka"]["volumes"]


def test_our_image_is_built_as_a_plants() -> None:
    """So that the first `up` on the centre's computer needs nothing before it."""
    secrets = described()["services"]["secrets"]
    assert secrets["build"] == containers()["secrets"].described["build"]
    assert secrets["image"] == containers()["secrets"].described["image"]


def test_prometheus_receives_as_in_the_local_stack() -> None:
    def options(command: Any) -> set[str]:
        return {str(each).split("=")[0] for each in command if str(each).startswith("--")}

    local = options(prometheus_of_centre(Site()).command) - {"--web.listen-address"}
    assert options(described()["services"]["prometheus"]["command"]) == local


def test_plants_reach_kafka_and_the_front_door_and_nothing_else() -> None:
    services, networks = described()["services"], described()["networks"]
    assert {name for name, each in services.items() if "ports" in each} == {"kafka", "caddy"}
    assert services["kafka"]["ports"] == ["${CENTRE_KAFKA_PORT:-9093}:9093"]
    assert "GATEWAYS://:9093" in services["kafka"]["environment"]["KAFKA_LISTENERS"].split(",")
    assert [networks[name]["internal"] for name in services["prometheus"]["networks"]] == [True]


def test_a_password_of_a_plant_is_seen_by_who_checks_it() -> None:
    holders = {
        name for name, each in described()["services"].items()
        if any(volume.startswith("secrets-plants:") for volume in each["volumes"])
    }  # fmt: skip
    assert holders == {"secrets", "plants", "caddy"}
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for volume in described()["services"]["secrets"]["volumes"]:
        assert re.search(rf"{volume.split(':')[1]}[ \n]", image), volume
