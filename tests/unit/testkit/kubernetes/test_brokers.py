"""What stands in for Strimzi: brokers as their objects say, with users, passwords and rights."""

from copy import deepcopy
from typing import Any

import pytest

from testkit.kubernetes.brokers import broker_objects, properties, rights, user_secrets
from tests.unit.deploy.compose_file import containers
from tests.unit.deploy.kubernetes.objects import rendered


def of(overlay: str, kind: str) -> list[dict[str, Any]]:
    return [each for each in rendered(overlay) if each["kind"] == kind]


def the(objects: list[Any], kind: str, name: str) -> dict[str, Any]:
    (found,) = (each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name))
    result: dict[str, Any] = found
    return result


def kafka_of(overlay: str) -> tuple[dict[str, Any], dict[str, Any]]:
    (kafka,), (pool,) = of(overlay, "Kafka"), of(overlay, "KafkaNodePool")
    return kafka, pool


@pytest.mark.parametrize(("overlay", "count"), [("demo", 1), ("plant-1000", 3)])
def test_brokers_are_as_many_and_as_big_as_their_pool_says(overlay: str, count: int) -> None:
    kafka, pool = kafka_of(overlay)
    brokers = the(broker_objects(kafka, pool), "StatefulSet", "energytrack-brokers")["spec"]
    assert brokers["replicas"] == count
    pod = brokers["template"]["spec"]
    assert pod["containers"][0]["resources"] == pool["spec"]["resources"]
    assert pod["containers"][0]["image"] == containers()["kafka"].described["image"]
    assert ("topologySpreadConstraints" in pod) == (count == 3)
    (claim,) = brokers["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == pool["spec"]["storage"]["volumes"][0]["size"]


def test_each_broker_of_three_has_a_vote() -> None:
    written = dict(line.split("=", 1) for line in properties(*kafka_of("plant-1000")).splitlines())
    voters = written["controller.quorum.voters"].split(",")
    assert voters == [
        f"{each}@energytrack-brokers-{each}.energytrack-kafka-brokers.energytrack.svc:9093" for each in range(3)
    ]


def test_brokers_have_the_settings_of_the_object_in_the_form_of_a_broker() -> None:
    written = dict(line.split("=", 1) for line in properties(*kafka_of("plant-1000")).splitlines())
    assert written["auto.create.topics.enable"] == "false"
    assert written["min.insync.replicas"] == "2"


def test_a_listener_that_is_not_stood_in_for_is_refused() -> None:
    kafka, pool = kafka_of("demo")
    with_tls = deepcopy(kafka)
    with_tls["spec"]["kafka"]["listeners"][0]["tls"] = True
    with pytest.raises(ValueError, match="without TLS"):
        properties(with_tls, pool)


@pytest.mark.parametrize("overlay", ["demo", "plant-1000"])
def test_every_secret_of_kafka_that_a_pod_mounts_is_made(overlay: str) -> None:
    kafka, _ = kafka_of(overlay)
    made = {each["metadata"]["name"] for each in user_secrets(kafka, of(overlay, "KafkaUser"), [])}
    mounted = {
        volume["secret"]["secretName"]
        for kind in ("Deployment", "Job")
        for each in of(overlay, kind)
        for volume in each["spec"]["template"]["spec"].get("volumes", [])
        if volume["name"] == "kafka"
    }
    assert mounted
    assert mounted <= made


def test_a_user_keeps_its_password() -> None:
    kafka, _ = kafka_of("demo")
    users = of("demo", "KafkaUser")
    existing = [each["metadata"]["name"] for each in user_secrets(kafka, users, [])]
    assert user_secrets(kafka, users, existing) == []
    (made,) = user_secrets(kafka, users, existing[1:])
    assert made["metadata"]["name"] == existing[0]


def test_rights_are_those_of_the_object() -> None:
    historian = the(of("demo", "KafkaUser"), "KafkaUser", "historian")
    given = rights(historian)
    assert {acl.principal for acl in given} == {"User:historian"}
    assert {(acl.resource_pattern.resource_name, acl.operation.name) for acl in given} == {
        (each["resource"]["name"], operation.upper())
        for each in historian["spec"]["authorization"]["acls"]
        for operation in each["operations"]
    }


def test_a_prefix_and_a_compound_operation_are_understood() -> None:
    acl = {"resource": {"type": "topic", "name": "a-", "patternType": "prefix"}, "operations": ["DescribeConfigs"]}
    (given,) = rights({"metadata": {"name": "x"}, "spec": {"authorization": {"acls": [acl]}}})
    assert (given.operation.name, given.resource_pattern.pattern_type.name) == ("DESCRIBE_CONFIGS", "PREFIXED")


def test_brokers_run_without_privileges() -> None:
    kafka, pool = kafka_of("demo")
    pod = the(broker_objects(kafka, pool), "StatefulSet", "energytrack-brokers")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
