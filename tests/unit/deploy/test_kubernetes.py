"""deploy/kubernetes: valid, locked down, and what Compose and the local stack are."""

import configparser
import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml

from energytrack.rights import RIGHTS
from energytrack.settings import KafkaSettings
from energytrack.topics import EVENTS, READINGS
from local.services.pipeline import PIPELINE, PipelineService
from local.services.secrets import COMMAND_KEYS
from local.site import Ports
from testkit.patience import seconds_here
from testkit.simulated import a_plant_file
from tests.unit.deploy.compose_file import ROOT, containers, described
from tools.kubernetes import __main__ as generator
from tools.provision import __main__ as provision

FOLDER: Final = ROOT / "deploy" / "kubernetes"
OVERLAYS: Final = ("demo", "plant-1000", "plant-10000")
KUBERNETES: Final = "1.34"
OF_OPERATORS: Final = {
    ("kafka.strimzi.io/v1", "Kafka"),
    ("kafka.strimzi.io/v1", "KafkaNodePool"),
    ("kafka.strimzi.io/v1", "KafkaUser"),
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

SERVICES: Final = {"app.kubernetes.io/component": "service"}

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
every_part = pytest.mark.parametrize("part", PIPELINE, ids=lambda part: part.name)


@cache
def whole() -> tuple[dict[str, Any], ...]:
    """Every object that stands whole in a file, not as a patch of another."""
    rooms = ("base", "simulated", "replicas-by-lag")
    files = [file for room in rooms for file in sorted((FOLDER / room).glob("*.yaml"))]
    files.append(FOLDER / "overlays/plant-1000/budgets.yaml")
    return tuple(
        each
        for file in files
        if file.name != "kustomization.yaml"
        for each in yaml.safe_load_all(file.read_text(encoding="utf-8"))
    )


def one(kind: str, name: str) -> dict[str, Any]:
    """The object of that kind and name."""
    (found,) = (each for each in whole() if each["kind"] == kind and each["metadata"]["name"] == name)
    return found


@cache
def rendered(overlay: str) -> tuple[dict[str, Any], ...]:
    """What kustomize makes of an overlay."""
    return kustomized(FOLDER / "overlays" / overlay)


def kustomized(folder: Path) -> tuple[dict[str, Any], ...]:
    """The objects of a folder."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed, and kustomize with it")
    command = ("kubectl", "kustomize", str(folder))
    made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds_here(60))
    assert made.returncode == 0, made.stderr
    return tuple(yaml.safe_load_all(made.stdout))


def deployments(objects: tuple[dict[str, Any], ...], *names: str) -> list[dict[str, Any]]:
    """Our deployments, or those of some names."""
    found = [each for each in objects if each["kind"] == "Deployment"]
    return [each for each in found if not names or each["metadata"]["name"] in names]


def pods(objects: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """The pods that our own deployments and jobs make."""
    return [each["spec"]["template"] for each in objects if each["kind"] in {"Deployment", "Job"}]


@every_overlay
def test_nobody_is_killed_for_being_cut_off(overlay: str) -> None:
    """Alive is who answers on /livez; readiness alone asks for progress, except where people are told what is away."""
    for pod in pods(rendered(overlay)):
        container = pod["spec"]["containers"][0]
        if container["name"] != "service" or "livenessProbe" not in container:
            continue
        paths = {name: container[name]["httpGet"]["path"] for name in PROBES}
        ready = "/livez" if pod["metadata"]["labels"]["app.kubernetes.io/name"] == "control-api" else "/healthz"
        assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": ready}


def _check(each: dict[str, Any]) -> None:
    if (each["apiVersion"], each["kind"]) not in OF_OPERATORS:
        kubernetes_validate.validate(each, KUBERNETES, strict=True)


def test_every_object_follows_kubernetes_schema() -> None:
    for each in whole():
        _check(each)


@every_overlay
def test_an_overlay_is_made_of_valid_objects_in_one_namespace(overlay: str) -> None:
    for each in rendered(overlay):
        _check(each)
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
    assert "ReadWriteMany" not in yaml.safe_dump(list(objects))
    claims = {each["metadata"]["name"] for each in objects if each["kind"] == "PersistentVolumeClaim"}
    assert claims == ({"simulator"} if overlay == "demo" else set())
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


@every_overlay
def test_people_and_grafana_ask_one_prometheus(overlay: str) -> None:
    """The service that keeps whoever asks with one replica; nobody names the replicas."""
    objects = rendered(overlay)
    (service,) = (each for each in objects if (each["kind"], each["metadata"]["name"]) == ("Service", "prometheus"))
    assert service["spec"]["sessionAffinity"] == "ClientIP"
    text = yaml.safe_dump(list(objects), width=10_000)
    assert "prometheus-operated" not in text
    assert len(re.findall(r"value: (?:http://)?prometheus:9090", text)) == 3


@pytest.mark.parametrize("overlay", ["plant-1000", "plant-10000"])
def test_what_has_replicas_is_spread_and_has_a_budget(overlay: str) -> None:
    """A node that is emptied takes one replica at most; stores never have two copies on one node."""
    objects = rendered(overlay)
    budgets = {each["metadata"]["name"] for each in objects if each["kind"] == "PodDisruptionBudget"}
    replicated = [each for each in deployments(objects) if each["spec"].get("replicas") != 1]
    assert {each["metadata"]["name"] for each in replicated} == budgets
    for each in deployments(objects):
        spread = each["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert {one["topologyKey"] for one in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        for one in spread:
            assert "app.kubernetes.io/name" in one["matchLabelKeys"]
            assert one["labelSelector"] == {}  # a key must not be in both
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


@every_overlay
def test_stores_are_reached_by_our_own_pods_only(overlay: str) -> None:
    """And by their operators: Strimzi makes the policy of the brokers from the listener."""
    objects = rendered(overlay)
    (kafka,) = (each["spec"]["kafka"] for each in objects if each["kind"] == "Kafka")
    parts = {"service", "job", "gateway"}
    for listener in kafka["listeners"]:
        peers = listener["networkPolicyPeers"]
        ours = [each["podSelector"]["matchLabels"] for each in peers if "namespaceSelector" not in each]
        assert {each["app.kubernetes.io/component"] for each in ours} == parts
        others = [each["podSelector"]["matchLabels"] for each in peers if "namespaceSelector" in each]
        assert others == ([{"app": "keda-operator"}] if overlay == "plant-10000" else [])
    (policy,) = (
        each["spec"] for each in objects
        if (each["kind"], each["metadata"]["name"]) == ("NetworkPolicy", "mongodb")
    )  # fmt: skip
    assert policy["podSelector"]["matchLabels"] == {"app": "mongodb-svc"}
    (rule,) = policy["ingress"]
    assert rule["ports"] == [{"port": 27017}]
    assert {"podSelector": {"matchLabels": SERVICES}} in rule["from"]
    assert all("podSelector" in each for each in rule["from"])
    for pod in pods(objects):
        if "MONGO_URI_FILE" in yaml.safe_dump(pod):
            assert pod["metadata"]["labels"]["app.kubernetes.io/component"] in {"service", "job"}


def test_replicas_follow_the_lag_of_their_own_group() -> None:
    """No more of them than there are partitions; their number is nobody else's."""
    objects = rendered("plant-10000")
    (settings,) = (each["data"] for each in objects if each["metadata"]["name"].startswith("settings"))
    scaled = {each["metadata"]["name"]: each["spec"] for each in objects if each["kind"] == "ScaledObject"}
    assert set(scaled) == set(generator.SCALED)
    for name, spec in scaled.items():
        assert spec["scaleTargetRef"] == {"name": name}
        (deployment,) = deployments(objects, name)
        assert "replicas" not in deployment["spec"]
        assert 2 <= spec["minReplicaCount"] < spec["maxReplicaCount"] <= int(settings["ENERGYTRACK_KAFKA_PARTITIONS"])
        (trigger,) = spec["triggers"]
        assert (trigger["metadata"]["consumerGroup"], trigger["metadata"]["topic"]) == (name, READINGS)
        assert name in RIGHTS[name].groups
    allowed = {
        (acl["resource"]["type"], acl["resource"]["name"], *acl["operations"])
        for acl in one("KafkaUser", "lag-reader")["spec"]["authorization"]["acls"]
    }
    assert allowed == {("topic", READINGS, "Describe"), *(("group", name, "Describe") for name in scaled)}
    (authentication,) = (each["spec"] for each in objects if each["kind"] == "TriggerAuthentication")
    assert {"kafka-lag-reader"} < {each["name"] for each in authentication["secretTargetRef"]}


def test_the_simulator_can_be_added_to_any_overlay(tmp_path: Path) -> None:
    """As a component, locked down like all others."""
    there = Path(os.path.relpath(FOLDER, tmp_path))
    components = [str(there / name) for name in ("simulated", "hardened")]
    wanted = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "energytrack",
        "resources": [str(there / "overlays" / "plant-1000")], "components": components,
    }  # fmt: skip
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(wanted), encoding="utf-8")
    objects = kustomized(tmp_path)
    (simulator,) = deployments(objects, "simulator")
    pod = simulator["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["containers"][0]["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert ("KafkaUser", "simulator") in {(each["kind"], each["metadata"]["name"]) for each in objects}


def test_a_cluster_that_keeps_copies_keeps_them_of_topics_too() -> None:
    settings = next(each for each in rendered("plant-1000") if each["metadata"]["name"].startswith("settings"))
    (kafka,) = (each for each in rendered("plant-1000") if each["kind"] == "Kafka")
    assert settings["data"]["ENERGYTRACK_KAFKA_REPLICATION"] == "3"
    assert kafka["spec"]["kafka"]["config"]["min.insync.replicas"] == 2


@every_overlay
def test_what_kafka_keeps_fits_its_volume(overlay: str) -> None:
    """Readings and insights, every partition on every broker, with the segments being written."""
    objects = rendered(overlay)
    (kafka,) = (each["spec"]["kafka"] for each in objects if each["kind"] == "Kafka")
    (nodes,) = (each["spec"] for each in objects if each["kind"] == "KafkaNodePool")
    (settings,) = (each["data"] for each in objects if each["metadata"]["name"].startswith("settings"))
    partitions = int(settings.get("ENERGYTRACK_KAFKA_PARTITIONS", KafkaSettings().partitions))
    kept = kafka["config"]["log.retention.bytes"] + kafka["config"]["log.segment.bytes"]
    size = int(nodes["storage"]["volumes"][0]["size"].removesuffix("Gi")) * 2**30
    assert 2 * partitions * kept <= 0.8 * size


@every_overlay
def test_a_pod_signs_in_to_kafka_as_itself(overlay: str) -> None:
    """As a user of Strimzi's, whose password is in the secret of its name."""
    objects = rendered(overlay)
    (kafka,) = (each["spec"] for each in objects if each["kind"] == "Kafka")
    assert kafka["kafka"]["authorization"] == {"type": "simple"}
    assert {each["authentication"]["type"] for each in kafka["kafka"]["listeners"]} == {"scram-sha-512"}
    prefix = kafka["entityOperator"]["userOperator"]["secretPrefix"]
    users = {each["metadata"]["name"] for each in objects if each["kind"] == "KafkaUser"}
    for pod in pods(objects):
        env = {each["name"]: each.get("value") for each in pod["spec"]["containers"][0].get("env", ())}
        name = pod["metadata"]["labels"]["app.kubernetes.io/name"]
        if name in {*RIGHTS, "topics"}:
            assert env["ENERGYTRACK_KAFKA_USERNAME"] == name
            assert name in users
            secrets = {each["secret"]["secretName"] for each in pod["spec"]["volumes"] if "secret" in each}
            assert prefix + name in secrets


def test_users_have_the_rights_of_the_table() -> None:
    told = {
        (acl["resource"]["type"], acl["resource"]["name"], acl["resource"]["patternType"], *acl["operations"])
        for acl in one("KafkaUser", "control-api")["spec"]["authorization"]["acls"]
    }
    assert told == {
        (each.kind, each.name, "prefix" if each.is_prefix else "literal", each.operation.capitalize())
        for each in RIGHTS["control-api"].permissions()
    }


def test_the_user_of_a_gateway_is_printed() -> None:
    user = yaml.safe_load(generator.gateway("hall-2"))
    assert user["metadata"]["name"] == "gateway-hall-2"
    writes = {
        acl["resource"]["name"] for acl in user["spec"]["authorization"]["acls"] if acl["operations"] == ["Write"]
    }
    assert writes == {READINGS, EVENTS}


def test_kafka_keeps_batches_as_they_were_packed() -> None:
    """A broker that packs anew can be ended by one batch that unpacks to more than its memory."""
    lines = (ROOT / "kafka" / "broker.properties").read_text(encoding="utf-8").splitlines()
    assert "compression.type=producer" in lines
    assert one("Kafka", "energytrack")["spec"]["kafka"]["config"]["compression.type"] == "producer"


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


def test_servers_are_of_the_same_versions_as_in_compose() -> None:
    images = {name: container.described["image"] for name, container in containers().items()}
    assert images["kafka"] == f"apache/kafka:{one('Kafka', 'energytrack')['spec']['kafka']['version']}"
    assert images["mongo"] == f"mongo:{one('MongoDBCommunity', 'mongodb')['spec']['version']}"
    assert images["grafana"] == one("Grafana", "grafana")["spec"]["version"]
    assert images["prometheus"] == f"prom/prometheus:{one('Prometheus', 'energytrack')['spec']['version']}"
    front_door = one("Deployment", "front-door")["spec"]["template"]["spec"]["containers"][0]
    assert images["caddy"] == front_door["image"]
    told = {each["name"] for each in front_door["env"] if each["name"].startswith("ENERGYTRACK_")}
    assert told == {name for name in containers()["caddy"].env if name.startswith("ENERGYTRACK_")}


def test_grafana_is_told_the_same_as_in_its_file() -> None:
    file = configparser.ConfigParser()
    file.read(ROOT / "grafana" / "grafana.ini", encoding="utf-8")
    assert one("Grafana", "grafana")["spec"]["config"] == {name: dict(file[name]) for name in file.sections()}


def test_grafana_is_given_every_file() -> None:
    grafana = ROOT / "grafana"
    maps = yaml.safe_load((grafana / "kustomization.yaml").read_text(encoding="utf-8"))["configMapGenerator"]
    given = {file for each in maps for file in each["files"]}
    there = {str(file.relative_to(grafana)) for file in grafana.rglob("*") if file.suffix in {".json", ".yaml"}}
    assert given == {file for file in there if file.startswith(("dashboards/", "provisioning/"))}
    pod = one_grafana_pod()
    (laying_out,) = pod["initContainers"]
    mounted = {each["name"]: each["mountPath"] for each in laying_out["volumeMounts"]}
    assert mounted.keys() == {each["name"] for each in pod["volumes"]}
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


@every_overlay
def test_the_image_that_lays_out_is_the_one_of_the_overlay(overlay: str) -> None:
    objects = rendered(overlay)
    (grafana,) = (each for each in objects if each["kind"] == "Grafana")
    (laying_out,) = grafana["spec"]["deployment"]["spec"]["template"]["spec"]["initContainers"]
    ours = {each["spec"]["template"]["spec"]["containers"][0]["image"] for each in objects if each["kind"] == "Job"}
    assert {laying_out["image"]} == ours


def one_grafana_pod() -> dict[str, Any]:
    """What Grafana's operator is told of its pod."""
    pod: dict[str, Any] = one("Grafana", "grafana")["spec"]["deployment"]["spec"]["template"]["spec"]
    return pod


def test_prometheus_scrapes_as_often_and_records_the_same() -> None:
    file = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))["global"]
    here = one("Prometheus", "energytrack")["spec"]
    assert here["scrapeInterval"] == file["scrape_interval"]
    assert here["evaluationInterval"] == file["evaluation_interval"]
    assert generator.main(["--check"]) == 0


def test_pages_and_the_address_agree() -> None:
    """One address, in the three places that an overlay changes."""
    base = yaml.safe_load((FOLDER / "base" / "kustomization.yaml").read_text(encoding="utf-8"))
    (address,) = (each["literals"] for each in base["configMapGenerator"] if each["name"] == "address")
    host = one("Ingress", "front-door")["spec"]["rules"][0]["host"]
    assert address == [f"PUBLIC_URL=https://{host}"]
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
