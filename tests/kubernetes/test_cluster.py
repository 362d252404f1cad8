"""The overlay `demo` on a real cluster, by docs/scaling.md: it comes up, data flows, and failures heal without a loss.

Its operators are real (Prometheus, Grafana) or stood in for (Kafka, MongoDB); its network enforces no policies.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from local.site import ROOT
from testkit.kubernetes.guide import block
from testkit.stack.servers import eventually
from tests.kubernetes.arrivals import arrivals
from tests.kubernetes.conftest import GUIDE
from tests.kubernetes.plant import ClusterPlant, ready

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
MACHINES: Final = 100
NEWEST: Final = 'time() - max(energytrack_pipeline_last_processed_timestamp_seconds{stage="historian"})'
SERVICES: Final = ("exporters", "historian", "ml-consumer", "retrain", "control-api", "simulator", "front-door")


@pytest.fixture(scope="module")
def viewer(demo: ClusterPlant) -> Iterator[httpx.Client]:
    """Whoever looks, at the front door."""
    eventually(demo.all_ready, 900, pause=2)
    with demo.front_door() as client:
        client.headers["Authorization"] = f"Bearer {demo.token('Viewer')}"
        yield client


def ask(viewer: httpx.Client, expression: str) -> float:
    """The value of an expression that has one; 0 where it has none."""
    answer = viewer.get("/prometheus/api/v1/query", params={"query": expression})
    assert answer.status_code == 200, answer.text
    result: list[dict[str, Any]] = answer.json()["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def flows(viewer: httpx.Client) -> bool:
    """Whether all machines are seen, and what they send is stored at once."""
    assert ask(viewer, 'sum(energytrack_exporter_devices{presence="present"})') == MACHINES
    assert 0 < ask(viewer, NEWEST) < 15
    return True


@contextmanager
def nothing_lost(demo: ClusterPlant, viewer: httpx.Client) -> Iterator[None]:
    """While something fails: afterwards every reading is stored once and has an insight."""
    eventually(lambda: flows(viewer), 300, pause=2)
    yield
    eventually(demo.all_ready, 600, pause=2)
    eventually(lambda: flows(viewer), 300, pause=2)
    until = datetime.now(UTC) - timedelta(seconds=10)

    def complete() -> bool:
        found = arrivals(demo, until=until)
        assert found == found._replace(not_stored=0, without_insight=0, stored_twice=0)
        return found.sent > 0

    eventually(complete, 120, pause=5)


def test_every_pod_is_ready(demo: ClusterPlant) -> None:
    eventually(demo.all_ready, 900, pause=2)
    assert {pod["metadata"]["labels"].get("app.kubernetes.io/name") for pod in demo.pods()} >= set(SERVICES)


def test_jobs_have_done_their_work_and_are_deleted(demo: ClusterPlant) -> None:
    eventually(demo.all_ready, 900, pause=2)
    eventually(lambda: not demo.items("jobs"), 600, pause=5)


def test_readings_and_insights_flow(demo: ClusterPlant, viewer: httpx.Client) -> None:
    eventually(lambda: flows(viewer), 300, pause=2)
    scored = f"count(energytrack_device_failure_probability_ratio) == {MACHINES}"
    eventually(lambda: ask(viewer, scored), 300, pause=2)


def test_prometheus_finds_every_pod_of_ours_and_how_full_volumes_are(demo: ClusterPlant, viewer: httpx.Client) -> None:
    for job in (
        "exporters",
        "historian",
        "ml_consumer",
        "retrain",
        "control_api",
        "simulator",
        "prometheus",
        "kubelet",
    ):
        eventually(lambda job=job: ask(viewer, f'min(up{{job="{job}"}})') == 1, 120, pause=2)  # type: ignore[misc]
    eventually(lambda: ask(viewer, "count(kubelet_volume_stats_available_bytes)") > 0, 120, pause=2)


def test_who_has_not_signed_in_sees_nothing(demo: ClusterPlant) -> None:
    eventually(demo.all_ready, 900, pause=2)
    with demo.front_door() as stranger:
        assert stranger.get("/healthz").status_code == 200
        for path in ("/prometheus/api/v1/query?query=up", "/control/api/devices"):
            assert stranger.get(path).status_code == 401


def test_an_order_through_the_front_door_stops_a_machine(demo: ClusterPlant, viewer: httpx.Client) -> None:
    eventually(lambda: flows(viewer), 300, pause=2)
    with demo.front_door() as editor:
        editor.headers["Authorization"] = f"Bearer {demo.token('Editor')}"
        ordered(editor, demo)


def ordered(signed_in: httpx.Client, demo: ClusterPlant) -> None:
    """Stop a machine that runs, and wait until it says so."""
    devices = signed_in.get("/control/api/devices", params={"limit": 1000}).json()["devices"]
    machine = next(each["device_id"] for each in devices if each["state"] == "running")
    order = {"device_id": machine, "reason": "end of shift", "override": True}
    placed = signed_in.post("/control/api/shutdown", json=order)
    assert placed.status_code == 202, placed.text
    stored = f"/control/api/commands/{placed.json()['command_id']}"
    eventually(lambda: signed_in.get(stored).json()["status"] == "done", 90, pause=1)


@pytest.mark.parametrize("service", ["ml-consumer", "historian", "exporters", "control-api"])
def test_a_pod_that_is_deleted_by_force_costs_nothing(demo: ClusterPlant, viewer: httpx.Client, service: str) -> None:
    with nothing_lost(demo, viewer):
        (pod,) = demo.pods(name=service)
        demo.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")
        eventually(lambda: _replaced(demo, service, pod["metadata"]["uid"]), 300, pause=1)


@pytest.mark.parametrize("pod", ["energytrack-brokers-0", "mongodb-0"])
def test_a_store_that_is_deleted_by_force_costs_nothing(demo: ClusterPlant, viewer: httpx.Client, pod: str) -> None:
    with nothing_lost(demo, viewer):
        before = demo.pod(pod)["metadata"]["uid"]
        demo.kubectl("delete", "pod", pod, "--grace-period=0", "--force")
        eventually(lambda: demo.pod(pod)["metadata"]["uid"] != before and demo.is_ready(pod), 300, pause=1)


def test_a_change_of_the_plant_file_restarts_everything_and_loses_nothing(
    demo: ClusterPlant, viewer: httpx.Client
) -> None:
    with nothing_lost(demo, viewer):
        demo.cluster.server.shell(block(GUIDE, "After a change to the plant file", "sh"), folder=ROOT)
        for deployment in demo.items("deployments"):
            name = deployment["metadata"]["name"]
            demo.kubectl("rollout", "status", f"deployment/{name}", "--timeout=600s", seconds=660)


def test_a_node_is_emptied_and_nothing_is_lost(demo: ClusterPlant, viewer: httpx.Client) -> None:
    with nothing_lost(demo, viewer):
        node = demo.cluster.nodes[-1].name  # without volumes
        demo.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=300s", seconds=330)
        try:
            eventually(demo.all_ready, 600, pause=2)
        finally:
            demo.kubectl("uncordon", node)


def test_the_overlay_is_applied_again(demo: ClusterPlant, viewer: httpx.Client) -> None:
    eventually(lambda: not demo.items("jobs"), 600, pause=5)  # as docs/scaling.md says
    with nothing_lost(demo, viewer):
        demo.apply()
        jobs = {job["metadata"]["name"] for job in demo.items("jobs")}
        assert jobs == {"topics", "first-model"}
        for job in jobs:
            demo.kubectl("wait", "--for=condition=Complete", f"job/{job}", "--timeout=300s", seconds=330)


def _replaced(demo: ClusterPlant, service: str, before: str) -> bool:
    (pod,) = demo.pods(name=service)
    return pod["metadata"]["uid"] != before and ready(pod)
