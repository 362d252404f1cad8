"""The pure parts of the cluster's trial: what stands in for operators, what is built, and the commands of a page."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from testkit.kubernetes.brokers import broker_objects, properties, rights, user_secrets
from testkit.kubernetes.credentials import ClusterCredentials
from testkit.kubernetes.database import database_objects
from testkit.kubernetes.guide import commands
from testkit.kubernetes.nodes import ClusterNode
from testkit.kubernetes.programs import CannotBuild, ClusterPrograms, module
from tests.unit.deploy.compose_file import ROOT, containers
from tests.unit.deploy.kubernetes.objects import rendered

GO_MOD = """module k8s.io/kubernetes

require golang.org/x/net v0.38.0

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/kubelet => ./staging/src/k8s.io/kubelet
)
"""


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


def test_the_database_is_where_our_pods_look_for_it() -> None:
    (database,) = of("plant-1000", "MongoDBCommunity")
    made = database_objects(database, "a/b")
    address = the(made, "Secret", "mongodb-uri")["stringData"]["connectionString.standard"]
    host = "mongodb-0.mongodb-svc.energytrack.svc.cluster.local:27017"
    assert address == f"mongodb://energytrack:a%2Fb@{host}/?authSource=energytrack"
    member = the(made, "StatefulSet", "mongodb")["spec"]
    assert member["replicas"] == 1
    (container,) = member["template"]["spec"]["containers"]
    assert container["image"] == containers()["mongo"].described["image"]
    assert container["resources"]["limits"] == {"memory": "4Gi"}


def test_stand_ins_run_without_privileges() -> None:
    kafka, pool = kafka_of("demo")
    (database,) = of("demo", "MongoDBCommunity")
    for each in (*broker_objects(kafka, pool), *database_objects(database, "x")):
        if each["kind"] == "StatefulSet":
            pod = each["spec"]["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"]
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            for container in pod["containers"]:
                assert container["securityContext"] == {
                    "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                }  # fmt: skip


def test_kubernetes_own_libraries_are_taken_by_release() -> None:
    lines = module(GO_MOD).splitlines()
    assert "require k8s.io/kubernetes v1.34.4" in lines
    assert "replace k8s.io/api => k8s.io/api v0.34.4" in lines
    assert not any("golang.org" in line or "staging" in line for line in lines)


def test_a_module_without_libraries_of_its_own_is_refused() -> None:
    with pytest.raises(CannotBuild, match="names no libraries"):
        module("module k8s.io/kubernetes\n")


def test_nothing_is_complete_before_it_is_built(tmp_path: Path) -> None:
    assert not ClusterPrograms(tmp_path).complete


def test_the_guides_commands_are_found_where_its_words_are(tmp_path: Path) -> None:
    page = tmp_path / "guide.md"
    page.write_text("**First**\n\n```sh\none\n```\n\n**Then**\n\n```yaml\nno: 1\n```\n\n```sh\ntwo\nthree\n```\n")
    assert commands(page, "**First**") == "one\n"
    assert commands(page, "**Then**") == "two\nthree\n"
    for words in ("**Never**", "three"):
        with pytest.raises(ValueError, match=r"guide\.md has no commands after"):
            commands(page, words)


def test_the_guide_makes_every_secret_that_our_pods_read() -> None:
    made = commands(ROOT / "docs/scaling.md", "**What you create once**")
    for overlay in ("demo", "plant-1000"):
        for kind in ("Deployment", "Job"):
            for each in of(overlay, kind):
                for volume in each["spec"]["template"]["spec"].get("volumes", []):
                    if volume.get("secret", {}).get("secretName") == "energytrack":
                        for item in volume["secret"]["items"]:
                            assert f"--from-literal={item['key']}=" in made


def test_a_kubelet_changes_no_setting_of_the_computer(tmp_path: Path) -> None:
    node = ClusterNode(2, tmp_path)
    script = node.script(ClusterPrograms(Path("/programs")), ClusterCredentials(Path("/credentials")))
    for setting in ("vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"):
        assert f" /proc/sys/{setting}\n" in script
    told = yaml.safe_load(yaml.safe_dump(node.kubelet(ClusterCredentials(Path("/credentials")))))
    assert (told["cgroupDriver"], told["failCgroupV1"], told["oomScoreAdj"]) == ("cgroupfs", False, 0)
    assert "restrict_oom_score_adj = true" in node.containerd(ClusterPrograms(Path("/programs")))
