"""The overlay `demo` on a cluster that is built here, by docs/scaling.md: it comes up, and failures cost no reading.

Kafka's and MongoDB's operators are stood in for. Nobody makes a Prometheus or a Grafana, nor enforces network policies.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from local.site import ROOT
from testkit.kubernetes.guide import block
from testkit.stack.servers import eventually
from tests.kubernetes.arrivals import arrivals
from tests.kubernetes.conftest import GUIDE
from tests.kubernetes.plant import ClusterPlant, ready

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]
MACHINES: Final = 100
SERVICES: Final = ("exporters", "historian", "ml-consumer", "retrain", "control-api", "simulator", "front-door")
SETTLED: Final = timedelta(seconds=10)
"""A reading that is older has been sent."""


@pytest.fixture(scope="module")
def plant(demo: ClusterPlant) -> ClusterPlant:
    """With all pods ready and a first model, which takes minutes to train."""
    eventually(demo.all_ready, 900, pause=2)
    eventually(lambda: all(each["status"].get("succeeded") for each in demo.items("jobs")), 1800, pause=5)
    return demo


def nothing_is_missing(plant: ClusterPlant, since: datetime) -> bool:
    """Whether every reading since then is stored and has an insight, none counts twice, and every machine sends."""
    found = arrivals(plant, since=since, until=datetime.now(UTC) - SETTLED)
    assert found == found._replace(not_stored=0, without_insight=0, counted_twice=0)
    assert found.machines == MACHINES
    return True


@contextmanager
def nothing_lost(plant: ClusterPlant) -> Iterator[None]:
    """While something fails: then all recovers, and what was sent before, meanwhile and afterwards is all there."""
    since = datetime.now(UTC)
    yield
    eventually(plant.all_ready, 600, pause=2)
    recovered = datetime.now(UTC)
    eventually(lambda: nothing_is_missing(plant, recovered), 300, pause=5)
    eventually(lambda: nothing_is_missing(plant, since), 120, pause=5)


def test_every_pod_is_ready(plant: ClusterPlant) -> None:
    assert {pod["metadata"]["labels"].get("app.kubernetes.io/name") for pod in plant.pods()} >= set(SERVICES)


def test_every_reading_is_stored_and_has_an_insight(plant: ClusterPlant) -> None:
    since = datetime.fromisoformat(plant.pods(name="simulator")[0]["status"]["startTime"])
    eventually(lambda: nothing_is_missing(plant, since), 600, pause=5)


def test_who_has_not_signed_in_sees_nothing(plant: ClusterPlant) -> None:
    with plant.front_door() as stranger:
        assert stranger.get("/healthz").status_code == 200
        assert stranger.get("/control/api/devices").status_code == 401


def test_an_order_through_the_front_door_stops_a_machine(plant: ClusterPlant) -> None:
    with plant.front_door() as editor:
        editor.headers["Authorization"] = f"Bearer {plant.token('Editor')}"
        devices = editor.get("/control/api/devices", params={"limit": 1000}).json()["devices"]
        machine = next(each["device_id"] for each in devices if each["state"] == "running")
        order = {"device_id": machine, "reason": "end of shift", "override": True}
        placed = editor.post("/control/api/shutdown", json=order)
        assert placed.status_code == 202, placed.text
        stored = f"/control/api/commands/{placed.json()['command_id']}"
        eventually(lambda: editor.get(stored).json()["status"] == "done", 90, pause=1)


@pytest.mark.parametrize("service", ["ml-consumer", "historian", "exporters", "control-api"])
def test_a_pod_that_is_deleted_by_force_costs_nothing(plant: ClusterPlant, service: str) -> None:
    with nothing_lost(plant):
        (pod,) = plant.pods(name=service)
        plant.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")
        eventually(lambda: _replaced(plant, service, pod["metadata"]["uid"]), 300, pause=1)


@pytest.mark.parametrize("pod", ["energytrack-brokers-0", "mongodb-0"])
def test_a_store_that_is_deleted_by_force_costs_nothing(plant: ClusterPlant, pod: str) -> None:
    with nothing_lost(plant):
        before = plant.pod(pod)["metadata"]["uid"]
        plant.kubectl("delete", "pod", pod, "--grace-period=0", "--force")
        eventually(lambda: plant.pod(pod)["metadata"]["uid"] != before and plant.is_ready(pod), 300, pause=1)


def test_a_change_of_the_plant_file_restarts_everything_and_loses_nothing(plant: ClusterPlant) -> None:
    with nothing_lost(plant):
        plant.cluster.server.shell(block(GUIDE, "After a change to the plant file", "sh"), folder=ROOT)
        for deployment in plant.items("deployments"):
            name = deployment["metadata"]["name"]
            plant.kubectl("rollout", "status", f"deployment/{name}", "--timeout=600s", seconds=660)


def test_a_node_is_emptied_and_nothing_is_lost(plant: ClusterPlant) -> None:
    with nothing_lost(plant):
        node = plant.cluster.nodes[-1].name  # without volumes
        plant.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=300s", seconds=330)
        try:
            eventually(plant.all_ready, 600, pause=2)
        finally:
            plant.kubectl("uncordon", node)


def test_the_overlay_is_applied_again(plant: ClusterPlant) -> None:
    eventually(lambda: not plant.items("jobs"), 600, pause=5)  # as docs/scaling.md says
    with nothing_lost(plant):
        plant.apply()
        jobs = {job["metadata"]["name"] for job in plant.items("jobs")}
        assert jobs == {"topics", "first-model"}
        for job in jobs:
            plant.kubectl("wait", "--for=condition=Complete", f"job/{job}", "--timeout=300s", seconds=330)


def _replaced(plant: ClusterPlant, service: str, before: str) -> bool:
    (pod,) = plant.pods(name=service)
    return pod["metadata"]["uid"] != before and ready(pod)
