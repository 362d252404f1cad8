"""deploy/kubernetes on a real API server, by docs/scaling.md: every object is taken, without a word of warning.

With the definitions of Prometheus', Grafana's and MongoDB's operators and KEDA's; Strimzi's objects are taken unread.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.site import ROOT
from testkit.kubernetes.guide import block
from testkit.kubernetes.programs import ServerPrograms
from testkit.kubernetes.server import ApiServer, CommandFailed, api_server
from tests.kubernetes.conftest import GUIDE, RESTRICTED
from tests.unit.deploy.kubernetes.objects import FOLDER, every_overlay, rendered, with_components

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def prepared(
    server_programs: ServerPrograms, definitions_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiServer]:
    """With what an operator of the plant creates once, in a namespace that refuses pods with privileges."""
    with api_server(server_programs, definitions_folder, tmp_path_factory.mktemp("kubernetes")) as server:
        server.shell(block(GUIDE, "**What you create once**", "sh"), folder=ROOT)
        server.shell(f"kubectl label namespace energytrack {RESTRICTED}", folder=ROOT)
        yield server


@pytest.fixture
def server(prepared: ApiServer) -> ApiServer:
    """Whose jobs are gone, as those that have finished go in a cluster."""
    prepared.shell("kubectl -n energytrack delete jobs --all", folder=ROOT)
    return prepared


def apply(server: ApiServer, folder: Path) -> str:
    """By the command of the guide; no warning is left unread."""
    *_, command, watch = block(GUIDE, "patch: |", "sh").splitlines()
    assert watch.endswith("--watch")
    assert "deploy/kubernetes/overlays/plant-1000" in command
    said = server.shell(command.replace("deploy/kubernetes/overlays/plant-1000", str(folder)), folder=ROOT)
    assert "warning" not in said.lower()
    return said


def got(server: ApiServer, kind: str, name: str) -> dict[str, Any]:
    said = server.shell(f"kubectl -n energytrack get {kind} {name} -o json", folder=ROOT)
    found: dict[str, Any] = json.loads(said)
    return found


@every_overlay
def test_every_object_is_taken(server: ApiServer, overlay: str) -> None:
    said = apply(server, FOLDER / "overlays" / overlay)
    assert len(said.splitlines()) == len(rendered(overlay))


@pytest.mark.parametrize("components", [("gateways",), ("several-plants", "hardened"), ("simulated", "hardened")])
def test_every_object_of_a_component_is_taken(server: ApiServer, components: tuple[str, ...], tmp_path: Path) -> None:
    with_components(tmp_path, *components)
    apply(server, tmp_path)


def test_a_plants_own_address_and_mail_are_where_the_guide_puts_them(server: ApiServer, tmp_path: Path) -> None:
    own, mail = (
        yaml.load(block(GUIDE, words, "yaml"), yaml.CSafeLoader) for words in ("**The address**", "**Mail and pager**")
    )
    own["resources"] = [os.path.relpath(FOLDER / "overlays" / name, tmp_path) for name in own["resources"]]
    own["configMapGenerator"] += mail["configMapGenerator"]
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump({**own, "namespace": "energytrack"}), encoding="utf-8")
    apply(server, tmp_path)
    assert got(server, "configmap", "address")["data"]["PUBLIC_URL"] == "https://energy.my-plant.example"
    assert got(server, "ingress", "front-door")["spec"]["rules"][0]["host"] == "energy.my-plant.example"
    assert got(server, "prometheus", "energytrack")["spec"]["externalUrl"].startswith("https://energy.my-plant")
    assert got(server, "configmap", "paging")["data"]["GF_SMTP_ENABLED"] == "true"


def test_the_same_release_can_be_applied_again_at_any_time(server: ApiServer) -> None:
    for _ in range(2):
        apply(server, FOLDER / "overlays" / "demo")


def test_another_release_is_taken_once_the_jobs_of_the_last_one_are_gone(server: ApiServer, tmp_path: Path) -> None:
    apply(server, FOLDER / "overlays" / "demo")
    following = {
        "resources": [os.path.relpath(FOLDER / "overlays" / "demo", tmp_path)],
        "images": [{"name": "energytrack", "newTag": "0.2.1"}],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(following), encoding="utf-8")
    with pytest.raises(CommandFailed, match="field is immutable"):
        apply(server, tmp_path)
    server.shell("kubectl -n energytrack delete jobs --all", folder=ROOT)
    apply(server, tmp_path)


def test_a_plant_file_is_changed(server: ApiServer) -> None:
    server.shell(block(GUIDE, "After a change to the plant file", "sh"), folder=ROOT)
    assert got(server, "configmap", "plant")["data"]["plant.toml"] == (ROOT / "plant.toml").read_text(encoding="utf-8")


def test_replicas_are_added_until_the_overlay_is_applied_again(server: ApiServer) -> None:
    apply(server, FOLDER / "overlays" / "plant-1000")
    server.shell("kubectl -n energytrack scale deployment ml-consumer --replicas=6", folder=ROOT)
    assert got(server, "deployment", "ml-consumer")["spec"]["replicas"] == 6
    apply(server, FOLDER / "overlays" / "plant-1000")
    assert got(server, "deployment", "ml-consumer")["spec"]["replicas"] == 2


def test_the_user_of_a_gateway_is_taken(server: ApiServer) -> None:
    made = f"'{sys.executable}' -m tools.kubernetes --gateway hall-2 | kubectl -n energytrack apply -f -"
    server.shell(made, folder=ROOT)
    assert got(server, "kafkauser", "gateway-hall-2")["spec"]["authentication"]["type"] == "scram-sha-512"


def test_what_an_object_may_not_have_is_refused(server: ApiServer) -> None:
    """This server reads what it takes, the operators' objects as well."""
    for kind, field in (("Deployment", "replica"), ("Grafana", "adminSecret"), ("ScrapeConfig", "jobLabel")):
        objects = {each["kind"]: each for each in rendered("demo")}
        wrong = {**objects[kind], "spec": {**objects[kind]["spec"], field: 1}}
        with pytest.raises(CommandFailed, match=f"{field}.*not (declared|known)|unknown field.*{field}"):
            server.shell("kubectl apply --server-side -f -", folder=ROOT, text=json.dumps(wrong))
