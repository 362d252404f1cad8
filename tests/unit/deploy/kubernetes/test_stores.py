"""deploy/kubernetes: Kafka, the database and Prometheus: who reaches them, as whom, and what they keep."""

import re
from pathlib import Path
from typing import Final

import yaml

from energytrack.security.quotas import UserQuota
from energytrack.security.rights import RIGHTS
from energytrack.settings import KafkaSettings
from energytrack.topics import EVENTS, READINGS
from tests.unit.deploy.compose_file import ROOT
from tests.unit.deploy.kubernetes.objects import deployments, every_overlay, one, pods, rendered, with_components
from tools.kubernetes import __main__ as generator

SERVICES: Final = {"app.kubernetes.io/component": "service"}


@every_overlay
def test_people_and_grafana_ask_one_prometheus(overlay: str) -> None:
    """The service that keeps whoever asks with one replica; nobody names the replicas."""
    objects = rendered(overlay)
    (service,) = (each for each in objects if (each["kind"], each["metadata"]["name"]) == ("Service", "prometheus"))
    assert service["spec"]["sessionAffinity"] == "ClientIP"
    text = yaml.dump(list(objects), Dumper=yaml.CSafeDumper, width=10_000)
    assert "prometheus-operated" not in text
    assert len(re.findall(r"value: (?:http://)?prometheus:9090", text)) == 3


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
    granted = {
        (acl["resource"]["type"], acl["resource"]["name"], acl["resource"]["patternType"], *acl["operations"])
        for acl in one("KafkaUser", "control-api")["spec"]["authorization"]["acls"]
    }
    assert granted == {
        (each.kind, each.name, "prefix" if each.is_prefix else "literal", each.operation.capitalize())
        for each in RIGHTS["control-api"].permissions()
    }


def test_the_user_of_a_gateway_is_printed() -> None:
    user = yaml.load(generator.gateway("hall-2", UserQuota(2_000_000, 50.0)), yaml.CSafeLoader)
    assert user["metadata"]["name"] == "gateway-hall-2"
    writes = {
        acl["resource"]["name"] for acl in user["spec"]["authorization"]["acls"] if acl["operations"] == ["Write"]
    }
    assert writes == {READINGS, EVENTS}
    assert user["spec"]["quotas"] == {
        "producerByteRate": 2_000_000, "consumerByteRate": 2_000_000, "requestPercentage": 50
    }  # fmt: skip


def test_gateways_have_as_many_connections_as_elsewhere(tmp_path: Path) -> None:
    """Those that Strimzi lets one set: it has its own words for a listener's, and none for the length of a sign-in."""
    elsewhere = dict(
        line.split("=", 1)
        for line in (ROOT / "kafka" / "broker.properties").read_text(encoding="utf-8").splitlines()
        if "=" in line
    )
    (kafka,) = (each["spec"]["kafka"] for each in with_components(tmp_path, "gateways") if each["kind"] == "Kafka")
    for name in ("max.connections.per.ip", "socket.request.max.bytes"):
        assert str(kafka["config"][name]) == elsewhere[name]
    (listener,) = (each["configuration"] for each in kafka["listeners"] if each["name"] == "gateways")
    assert str(listener["maxConnections"]) == elsewhere["listener.name.gateways.max.connections"]
    rate = elsewhere["listener.name.gateways.max.connection.creation.rate"]
    assert str(listener["maxConnectionCreationRate"]) == rate
    assert listener["externalTrafficPolicy"] == "Local"  # or all gateways would have the addresses of nodes


def test_kafka_keeps_batches_as_they_were_packed() -> None:
    """A broker that packs again can be ended by one batch that unpacks to more than its memory."""
    lines = (ROOT / "kafka" / "broker.properties").read_text(encoding="utf-8").splitlines()
    assert "compression.type=producer" in lines
    assert one("Kafka", "energytrack")["spec"]["kafka"]["config"]["compression.type"] == "producer"


def test_grafana_keeps_users_and_silences_on_a_volume() -> None:
    """The operator makes the claim `grafana-pvc`, and mounts an empty folder, unless the volume of that name is it."""
    spec = one("Grafana", "grafana")["spec"]
    assert spec["persistentVolumeClaim"]["spec"]["resources"]["requests"]["storage"]
    deployment = spec["deployment"]["spec"]
    volumes = {each["name"]: each for each in deployment["template"]["spec"]["volumes"]}
    assert volumes["grafana-data"]["persistentVolumeClaim"] == {"claimName": "grafana-pvc"}
    assert deployment["strategy"] == {"type": "Recreate"}  # a second pod would wait for the volume for ever
    assert deployment["template"]["spec"]["securityContext"]["fsGroup"] == 10001


def test_grafanas_operator_may_make_the_secret_that_its_pod_reads() -> None:
    """The pod reads the administrator's name from it, and does not start without."""
    spec = one("Grafana", "grafana")["spec"]
    assert not spec.get("disableDefaultAdminSecret", False)
