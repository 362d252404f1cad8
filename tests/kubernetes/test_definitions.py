"""deploy/kubernetes against the operators' own definitions: no unknown field, and no value of another kind.

API servers hold objects against the same. What operators make of an object is not tried here.
"""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest

from testkit.kubernetes.definitions import ObjectKind, Schema, problems, schemas
from tests.unit.deploy.kubernetes.objects import every_overlay, rendered, with_components

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
Definitions = Mapping[ObjectKind, Schema]
OPERATED: Final = {
    "monitoring.coreos.com": {"Prometheus", "PrometheusRule", "PodMonitor", "ScrapeConfig"},
    "grafana.integreatly.org": {"Grafana"},
    "mongodbcommunity.mongodb.com": {"MongoDBCommunity"},
}
"""What every overlay has of operators, by their group."""


@pytest.fixture(scope="module")
def defined(definitions_folder: Path) -> Definitions:
    return schemas(definitions_folder)


def kind(each: Mapping[str, Any]) -> ObjectKind:
    return ObjectKind(each["apiVersion"], each["kind"])


def broken(defined: Definitions, objects: tuple[dict[str, Any], ...]) -> list[str]:
    return [problem for each in objects if kind(each) in defined for problem in problems(defined[kind(each)], each)]


@every_overlay
def test_every_object_of_an_operator_is_as_defined(defined: Definitions, overlay: str) -> None:
    objects = rendered(overlay)
    assert broken(defined, objects) == []
    for group, kinds in OPERATED.items():
        read = {name for api, name in map(kind, objects) if api.startswith(f"{group}/") and (api, name) in defined}
        assert read == kinds
    scaled = {name for api, name in map(kind, objects) if api.startswith("keda.sh/") and (api, name) in defined}
    assert scaled == ({"ScaledObject", "TriggerAuthentication"} if overlay == "plant-10000" else set())


@pytest.mark.parametrize("components", [("gateways",), ("several-plants", "hardened"), ("simulated", "hardened")])
def test_components_leave_it_so(defined: Definitions, tmp_path: Path, components: tuple[str, ...]) -> None:
    assert broken(defined, with_components(tmp_path, *components)) == []


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("Grafana", {"adminSecret": "x"}, "'adminSecret' was unexpected"),
        ("Grafana", {"deployment": {"spec": {"replica": 2}}}, "'replica' was unexpected"),
        ("Prometheus", {"replicas": "two"}, "'two' is not of type 'integer'"),
        ("Prometheus", {"retention": "35 days"}, "'35 days' does not match"),
        ("MongoDBCommunity", {"users": [{"name": "energytrack"}]}, "'roles' is a required property"),
    ],
)
def test_a_mistake_is_found(defined: Definitions, name: str, change: dict[str, Any], said: str) -> None:
    (correct,) = (each for each in rendered("demo") if each["kind"] == name)
    wrong = deepcopy(correct)
    wrong["spec"].update(change)
    assert any(said in problem for problem in broken(defined, (wrong,)))
