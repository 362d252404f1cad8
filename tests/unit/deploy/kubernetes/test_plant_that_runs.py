"""deploy/kubernetes: what Grafana is given follows the plant file of the config map, in every overlay."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from testkit.builders.plants import a_plant_file
from testkit.patience import seconds_here
from tests.unit.deploy.compose_file import ROOT, containers
from tests.unit.deploy.kubernetes.objects import every_overlay, rendered

OVERLAY: Final = "plant-1000"
COMMITTED: Final = re.compile(r"Europe/Berlin|€|\bEUR\b|machining-a\b")
"""The committed plant's zone, currency and a line, which the plant that runs does not have."""


def the(kind: str, name: str, overlay: str = OVERLAY) -> dict[str, Any]:
    """An object of a rendered overlay."""
    (found,) = (each for each in rendered(overlay) if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return found


def grafana_pod(overlay: str = OVERLAY) -> dict[str, Any]:
    pod: dict[str, Any] = the("Grafana", "grafana", overlay)["spec"]["deployment"]["spec"]["template"]["spec"]
    return pod


def mounted(files: dict[str, str], folder: Path) -> None:
    """A config map as a kubelet mounts it: links to a folder beside them that is exchanged as a whole."""
    if folder.exists():
        shutil.rmtree(folder)
    version = folder / "..2026_version"
    version.mkdir(parents=True)
    (folder / "..data").symlink_to(version.name)
    for name, text in files.items():
        (version / name).write_text(text, encoding="utf-8")
        (folder / name).symlink_to(Path("..data") / name)


def started(plant: Path, contacts: str, container: Path) -> Path:
    """Run the pod's first container on what the overlay mounts there; returns what it laid out."""
    app = container / "app"
    for folder in ("tools", "grafana"):
        shutil.copytree(ROOT / folder, app / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("plant.toml", "alerts.toml"):
        shutil.copy(ROOT / file, app / file)
    pod = grafana_pod()
    (laying_out,) = pod["initContainers"]
    volumes = {each["name"]: each for each in pod["volumes"]}
    for mount in laying_out["volumeMounts"]:
        place = container / mount["mountPath"].removeprefix("/")
        match volumes[mount["name"]]:
            case {"configMap": {"name": "plant"}}:
                mounted({"plant.toml": plant.read_text(encoding="utf-8")}, place)
            case {"configMap": {"name": name}}:
                mounted(the("ConfigMap", name)["data"], place)
            case {"emptyDir": _}:
                place.mkdir(parents=True)
    _, *arguments = (
        contacts if word == "$(CONTACTS)" else re.sub("^/", f"{container}/", word) for word in laying_out["command"]
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.run(
        [sys.executable, *arguments],
        cwd=app, env=env, capture_output=True, text=True, check=False, timeout=seconds_here(60),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return container / "provisioned"


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Grafana is given for a plant in Chicago whose people are notified by mail and pager."""
    folder = tmp_path_factory.mktemp("pod")
    plant = a_plant_file(
        folder, ("Europe/Berlin", "America/Chicago"), ('"EUR"', '"USD"'), ('name = "machining-a"', 'name = "milling"')
    )
    return started(plant, "contacts/mail-and-pager.yaml", folder)


def test_nothing_that_grafana_reads_speaks_of_the_committed_plant(laid_out: Path) -> None:
    (grafana,) = grafana_pod()["containers"]
    texts = {
        file.relative_to(laid_out): file.read_text(encoding="utf-8")
        for mount in grafana["volumeMounts"]
        for file in (laid_out / mount["subPath"]).rglob("*")
        if file.is_file()
    }
    assert {name for name, text in texts.items() if COMMITTED.search(text)} == set()
    given = the("ConfigMap", "grafana-dashboards")["data"]
    dashboards = {name.name: json.loads(text) for name, text in texts.items() if name.suffix == ".json"}
    assert dashboards.keys() == given.keys()
    assert {each["timezone"] for each in dashboards.values()} == {"America/Chicago"}
    assert '"currency:financial:$"' in texts[Path("grafana/dashboards/energy.json")]
    assert not any(part.startswith("..") for name in texts for part in name.parts), "the kubelet's own folders"


def test_mute_times_are_those_of_the_lines_at_work(laid_out: Path) -> None:
    """With mail and pager, too, which the config map `paging` chooses."""
    contacts = json.loads((laid_out / "grafana/provisioning/alerting/contacts.yaml").read_text(encoding="utf-8"))
    assert {point["name"] for point in contacts["contactPoints"]} >= {"mail", "pager"}
    assert "at-work-milling" in {each["name"] for each in contacts["muteTimes"]}
    intervals = [interval for each in contacts["muteTimes"] for interval in each["time_intervals"]]
    assert {each["location"] for each in intervals} == {"America/Chicago"}


@every_overlay
def test_every_overlay_lays_out_from_the_plant_s_config_map(overlay: str) -> None:
    """By the same command on the same mounts; the image alone may differ."""
    pods = [grafana_pod(each) for each in (OVERLAY, overlay)]
    first, second = ({**pod["initContainers"][0], "image": ""} for pod in pods)
    assert first == second
    assert pods[0]["volumes"] == pods[1]["volumes"]
    assert {"name": "plant", "configMap": {"name": "plant"}} in pods[1]["volumes"]
    for pod in pods:
        assert pod["containers"][0]["envFrom"] == [{"configMapRef": {"name": "paging"}}]


@every_overlay
def test_people_are_notified_as_in_compose_unless_an_overlay_says_otherwise(overlay: str) -> None:
    paging = the("ConfigMap", "paging", overlay)["data"]
    variables = containers()["grafana"].env
    defaults = {name: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", variables[name]) for name in paging if name != "CONTACTS"}
    assert {name: value for name, value in paging.items() if name != "CONTACTS"} == defaults
    *_, contacts = containers()["provisioning"].described["command"]
    assert contacts == f"${{CONTACTS:-{paging['CONTACTS']}}}"


def test_compose_lays_out_by_the_same_command_and_keeps_the_committed_plant(laid_out: Path) -> None:
    """The committed plant's lines are what colours are taken from: no other plant may stand in its place."""
    assert laid_out.is_dir()
    compose = containers()["provisioning"].described
    (laying_out,) = grafana_pod()["initContainers"]
    assert compose["command"][:-1] == laying_out["command"][:-1]
    assert not any(volume.endswith(":/app/plant.toml:ro") for volume in compose["volumes"])
