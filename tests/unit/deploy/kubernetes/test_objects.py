"""deploy/kubernetes: valid, locked down, spread over nodes, and to be applied again."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.deploy.kubernetes.objects import (
    deployments,
    every_overlay,
    one,
    pods,
    rendered,
    whole,
    with_components,
)

KUBERNETES: Final = "1.34"
OF_OPERATORS: Final = {
    ("kafka.strimzi.io/v1", "Kafka"),
    ("kafka.strimzi.io/v1", "KafkaNodePool"),
    ("kafka.strimzi.io/v1", "KafkaUser"),
    ("kafka.strimzi.io/v1", "KafkaMirrorMaker2"),
    ("mongodbcommunity.mongodb.com/v1", "MongoDBCommunity"),
    ("grafana.integreatly.org/v1beta1", "Grafana"),
    ("monitoring.coreos.com/v1", "Prometheus"),
    ("monitoring.coreos.com/v1", "PodMonitor"),
    ("monitoring.coreos.com/v1", "PrometheusRule"),
    ("monitoring.coreos.com/v1alpha1", "ScrapeConfig"),
    ("keda.sh/v1alpha1", "ScaledObject"),
    ("keda.sh/v1alpha1", "TriggerAuthentication"),
}
"""What operators add to Kubernetes; their schemas come with them."""
PROBES: Final = ("startupProbe", "livenessProbe", "readinessProbe")


@every_overlay
def test_nobody_is_killed_for_being_cut_off(overlay: str) -> None:
    """A pod is alive if it answers on /livez; only readiness asks for progress, except where people see why."""
    for pod in pods(rendered(overlay)):
        container = pod["spec"]["containers"][0]
        if container["name"] != "service" or "livenessProbe" not in container:
            continue
        paths = {name: container[name]["httpGet"]["path"] for name in PROBES}
        ready = "/livez" if pod["metadata"]["labels"]["app.kubernetes.io/name"] == "control-api" else "/healthz"
        assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": ready}


def _check(each: dict[str, Any]) -> None:
    import kubernetes_validate  # its grammars take two seconds, which every worker would spend to collect tests

    if (each["apiVersion"], each["kind"]) not in OF_OPERATORS:
        kubernetes_validate.validate(each, KUBERNETES, strict=True)


@pytest.mark.slow  # the grammars take seconds
def test_every_object_follows_kubernetes_schema() -> None:
    for each in whole():
        _check(each)


@pytest.mark.slow
@every_overlay
def test_an_overlay_is_made_of_valid_objects(overlay: str) -> None:
    for each in rendered(overlay):
        _check(each)


@every_overlay
def test_an_overlay_has_one_namespace(overlay: str) -> None:
    for each in rendered(overlay):
        if not each["kind"].startswith("ClusterRole"):
            assert each["metadata"]["namespace"] == "energytrack"


@every_overlay
def test_a_container_of_ours_has_no_privileges_and_says_what_it_needs(overlay: str) -> None:
    for pod in pods(rendered(overlay)):
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert pod["spec"]["automountServiceAccountToken"] is False
        for container in pod["spec"]["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
            assert "memory" in container["resources"]["limits"]


@every_overlay
def test_what_is_mounted_is_there(overlay: str) -> None:
    """All but what people make themselves: secrets and the plant (docs/scaling.md)."""
    objects = rendered(overlay)
    named = {(each["kind"], each["metadata"]["name"]) for each in objects} | {("ConfigMap", "plant")}
    for pod in pods(objects):
        for volume in pod["spec"].get("volumes", ()):
            if "configMap" in volume:
                assert ("ConfigMap", volume["configMap"]["name"]) in named
            if "persistentVolumeClaim" in volume:
                assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in named


@every_overlay
def test_no_volume_is_written_by_several_nodes(overlay: str) -> None:
    """Many clusters have none such: models come from the database."""
    objects = rendered(overlay)
    assert "ReadWriteMany" not in str(objects)
    claims = {each["metadata"]["name"] for each in objects if each["kind"] == "PersistentVolumeClaim"}
    assert claims - {"backups"} == ({"simulator"} if overlay == "demo" else set())
    assert one("CronJob", "backup")["spec"]["concurrencyPolicy"] == "Forbid"
    (consumer,) = deployments(objects, "ml-consumer")
    (models,) = (each for each in consumer["spec"]["template"]["spec"]["volumes"] if each["name"] == "models")
    assert models == {"name": "models", "emptyDir": {}}


@every_overlay
def test_jobs_can_be_applied_again(overlay: str) -> None:
    """A job cannot be changed: a finished one goes by itself."""
    jobs = [each for each in rendered(overlay) if each["kind"] == "Job"]
    assert {each["metadata"]["name"] for each in jobs} == {"topics", "first-model"}
    assert all(each["spec"]["ttlSecondsAfterFinished"] <= 600 for each in jobs)


@every_overlay
def test_every_pod_of_prometheus_is_allowed_under_restricted_pod_security(overlay: str) -> None:
    (prometheus,) = (each["spec"] for each in rendered(overlay) if each["kind"] == "Prometheus")
    assert prometheus["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert prometheus["securityContext"]["runAsNonRoot"] is True


@pytest.mark.parametrize("overlay", ["plant-1000", "plant-10000"])
def test_what_has_replicas_is_spread_and_has_a_budget(overlay: str) -> None:
    """A node that is emptied takes one replica at most; stores never have two copies on one node."""
    objects = rendered(overlay)
    budgets = {each["metadata"]["name"] for each in objects if each["kind"] == "PodDisruptionBudget"}
    replicated = [each for each in deployments(objects) if each["spec"].get("replicas") != 1]
    assert {each["metadata"]["name"] for each in replicated} == budgets
    for each in deployments(objects):
        spread = each["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert {rule["topologyKey"] for rule in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        for rule in spread:
            assert "app.kubernetes.io/name" in rule["matchLabelKeys"]
            assert rule["labelSelector"] == {}  # a key must not be in both
    pools = (each["spec"]["template"]["pod"] for each in objects if each["kind"] == "KafkaNodePool")
    members = (
        each["spec"]["statefulSet"]["spec"]["template"]["spec"]
        for each in objects
        if each["kind"] == "MongoDBCommunity"
    )
    servers = (each["spec"] for each in objects if each["kind"] == "Prometheus")
    for store in (*pools, *members, *servers):
        (only,) = store["topologySpreadConstraints"]
        assert (only["topologyKey"], only["whenUnsatisfiable"]) == ("kubernetes.io/hostname", "DoNotSchedule")


def test_the_simulator_can_be_added_to_any_overlay(tmp_path: Path) -> None:
    """As a component, locked down like all others."""
    objects = with_components(tmp_path, "simulated", "hardened")
    (simulator,) = deployments(objects, "simulator")
    pod = simulator["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["containers"][0]["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert ("KafkaUser", "simulator") in {(each["kind"], each["metadata"]["name"]) for each in objects}


@every_overlay
def test_the_image_that_lays_out_is_the_one_of_the_overlay(overlay: str) -> None:
    objects = rendered(overlay)
    (grafana,) = (each for each in objects if each["kind"] == "Grafana")
    (laying_out,) = grafana["spec"]["deployment"]["spec"]["template"]["spec"]["initContainers"]
    ours = {each["spec"]["template"]["spec"]["containers"][0]["image"] for each in objects if each["kind"] == "Job"}
    assert {laying_out["image"]} == ours
