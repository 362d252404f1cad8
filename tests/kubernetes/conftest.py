"""What the tests run on, made once; where it cannot be had, they are skipped and say why."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from local.site import ROOT
from testkit.kubernetes import cluster_programs, definitions, programs
from testkit.kubernetes.cluster import Cluster, running_cluster
from testkit.kubernetes.definitions import CannotDownload
from testkit.kubernetes.guide import block
from testkit.kubernetes.programs import ServerPrograms
from testkit.kubernetes.server import define
from tests.compose.engine import missing
from tests.kubernetes.images import archive
from tests.kubernetes.plant import ClusterPlant

GUIDE: Final = ROOT / "docs" / "scaling.md"
RESTRICTED: Final = "pod-security.kubernetes.io/{enforce,warn}=restricted"
NODES: Final = 3
DISKS: Final = 2
"""Nodes with volumes: the third can be emptied, since no pod has to stay on it."""


@pytest.fixture(scope="session")
def definitions_folder() -> Path:
    """The operators' definitions."""
    reason = definitions.why_missing()
    if reason:
        pytest.skip(reason)
    try:
        definitions.download(definitions.cached())
    except CannotDownload as unreachable:
        pytest.skip(f"the operators' definitions cannot be downloaded: {unreachable}")
    return definitions.cached()


@pytest.fixture(scope="session")
def server_programs() -> ServerPrograms:
    """An API server and its store. A mistake of the compiler is no reason to skip."""
    reason = programs.why_missing()
    if reason:
        pytest.skip(reason)
    try:
        programs.build(programs.cached())
    except CannotDownload as unreachable:
        pytest.skip(f"an API server cannot be downloaded: {unreachable}")
    return programs.cached()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Nodes, with the images of the Compose trial."""
    reason = cluster_programs.why_missing() or missing()
    if reason:
        pytest.skip(reason)
    built = cluster_programs.cached()
    try:
        cluster_programs.build(built)
    except CannotDownload as unreachable:
        pytest.skip(f"a cluster cannot be downloaded: {unreachable}")
    kept = Path(os.environ.get("ENERGYTRACK_TRIAL_FOLDER", ROOT / "var" / "trial"))
    with running_cluster(built, kept / "cluster", archive(kept), nodes=NODES, disks=DISKS) as running:
        yield running


@pytest.fixture(scope="session")
def demo(cluster: Cluster, definitions_folder: Path) -> Iterator[ClusterPlant]:
    """The overlay `demo` as docs/scaling.md says, in a namespace that refuses pods with privileges."""
    define(cluster.server, definitions_folder)
    cluster.server.shell(block(GUIDE, "**What you create once**", "sh"), folder=ROOT)
    cluster.server.shell(f"kubectl label namespace energytrack {RESTRICTED}", folder=ROOT)
    *_, command, _ = block(GUIDE, "patch: |", "sh").splitlines()
    plant = ClusterPlant(cluster, command.replace("plant-1000", "demo"))
    try:
        plant.apply()
        yield plant
    finally:
        plant.write_last_words(cluster.nodes[0].folder.parent / "demo.log")
