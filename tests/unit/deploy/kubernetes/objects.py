"""The objects of deploy/kubernetes as their tests see them."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from testkit.patience import seconds_here
from tests.unit.deploy.compose_file import ROOT

FOLDER: Final = ROOT / "deploy" / "kubernetes"
OVERLAYS: Final = ("demo", "plant-1000", "plant-10000")

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@cache
def whole() -> tuple[dict[str, Any], ...]:
    """Every object that stands whole in a file, not as a patch of another."""
    rooms = ("base", "simulated", "replicas-by-lag", "several-plants")
    files = [file for room in rooms for file in sorted((FOLDER / room).glob("*.yaml"))]
    files.append(FOLDER / "overlays/plant-1000/budgets.yaml")
    return tuple(
        each
        for file in files
        if file.name != "kustomization.yaml"
        for each in yaml.load_all(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    )


def one(kind: str, name: str) -> dict[str, Any]:
    """The object of that kind and name."""
    (found,) = (each for each in whole() if each["kind"] == kind and each["metadata"]["name"] == name)
    return found


@cache
def rendered(overlay: str) -> tuple[dict[str, Any], ...]:
    """What kustomize makes of an overlay."""
    return kustomized(FOLDER / "overlays" / overlay)


def with_components(tmp_path: Path, *names: str) -> tuple[dict[str, Any], ...]:
    """What kustomize makes of an overlay of a plant's own, with these components."""
    there = Path(os.path.relpath(FOLDER, tmp_path))
    wanted = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "energytrack",
        "resources": [str(there / "overlays" / "plant-1000")], "components": [str(there / name) for name in names],
    }  # fmt: skip
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(wanted), encoding="utf-8")
    return kustomized(tmp_path)


def kustomized(folder: Path) -> tuple[dict[str, Any], ...]:
    """The objects of a folder."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed, and kustomize with it")
    command = ("kubectl", "kustomize", str(folder))
    made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds_here(60))
    assert made.returncode == 0, made.stderr
    return tuple(yaml.load_all(made.stdout, yaml.CSafeLoader))


def deployments(objects: tuple[dict[str, Any], ...], *names: str) -> list[dict[str, Any]]:
    """Our deployments, or those of some names."""
    found = [each for each in objects if each["kind"] == "Deployment"]
    return [each for each in found if not names or each["metadata"]["name"] in names]


def pods(objects: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """The pods that our own deployments and jobs make."""
    specs = [each["spec"] for each in objects if each["kind"] in {"Deployment", "Job"}]
    specs += [each["spec"]["jobTemplate"]["spec"] for each in objects if each["kind"] == "CronJob"]
    return [each["template"] for each in specs]
