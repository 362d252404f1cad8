"""compose.yaml: who reaches Kafka, and signs in to it as whom."""

import re

import yaml

from deploy.compose.make_secrets import KAFKA_FOLDERS
from energytrack.security.rights import RIGHTS
from tests.unit.deploy.compose_file import BACKUPS, ROOT, containers


def test_kafka_is_opened_to_gateways_on_purpose_and_encrypted() -> None:
    opened = yaml.load((ROOT / "deploy" / "compose" / "gateways.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)[
        "services"
    ]
    assert opened.keys() == {"kafka"}
    assert opened["kafka"]["ports"] == ["${KAFKA_PUBLIC_PORT:-9093}:9093"]
    listeners = opened["kafka"]["environment"]["KAFKA_LISTENERS"].split(",")
    assert "GATEWAYS://:9093" in listeners
    assert set(containers()["kafka"].env["KAFKA_LISTENERS"].split(",")) < set(listeners)
    settings = (ROOT / "kafka" / "broker.properties").read_text(encoding="utf-8")
    assert "GATEWAYS:SASL_SSL\n" in settings
    assert "listener.name.gateways.sasl.enabled.mechanisms=SCRAM-SHA-512\n" in settings


def test_gateways_have_as_many_connections_as_the_brokers_file_says_unless_you_say_otherwise() -> None:
    opened = yaml.safe_load((ROOT / "deploy" / "compose" / "gateways.yaml").read_text(encoding="utf-8"))["services"]
    env = opened["kafka"]["environment"]
    settings = (ROOT / "kafka" / "broker.properties").read_text(encoding="utf-8")
    for name, variable in (
        ("listener.name.gateways.max.connections", "KAFKA_CONNECTIONS"),
        ("max.connections.per.ip", "KAFKA_CONNECTIONS_EACH"),
    ):
        default = re.search(rf"^{re.escape(name)}=(\d+)$", settings, re.MULTILINE)
        assert default is not None
        assert env[f"KAFKA_{name.upper().replace('.', '_')}"] == f"${{{variable}:-{default[1]}}}"


def test_listeners_have_names_that_the_brokers_image_leaves_alone() -> None:
    """Its start script reads SSL:// and SASL_ in an address as its own settings of certificates and users."""
    opened = yaml.load((ROOT / "deploy" / "compose" / "gateways.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)[
        "services"
    ]
    for env in (containers()["kafka"].env, opened["kafka"]["environment"]):
        assert not re.search(r"SSL://|SASL_", env["KAFKA_ADVERTISED_LISTENERS"])


def test_a_container_signs_in_to_kafka_as_itself() -> None:
    users = {
        name: container.env["ENERGYTRACK_KAFKA_USERNAME"]
        for name, container in containers().items()
        if "ENERGYTRACK_KAFKA_USERNAME" in container.env
    }
    assert users == {name: name for name in RIGHTS if name in containers()} | {"topics": "admin"}
    for name, user in users.items():
        if user not in {"admin", "telegraf"}:  # whose file tells where its password is
            assert containers()[name].env["ENERGYTRACK_KAFKA_PASSWORD_FILE"] == (
                f"/secrets/{KAFKA_FOLDERS[user]}/kafka_password"
            )


def test_who_administers_kafka_is_the_broker_and_the_step_that_grants_rights() -> None:
    def holders(volume: str) -> set[str]:
        return {
            name
            for name, container in containers().items()
            if any(each.startswith(f"{volume}:") for each in container.described.get("volumes", ()))
        }

    assert holders("secrets-kafka") - BACKUPS == {"secrets", "kafka", "topics"}
    assert holders("secrets-kafka-users") - BACKUPS == {"secrets", "topics"}
    assert holders("secrets-authority") - BACKUPS == {"secrets"}


def test_the_broker_is_the_same_version_and_reads_the_same_settings() -> None:
    pom = (ROOT / "kafka" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<kafka.version>(.+)</kafka.version>", pom)
    kafka = containers()["kafka"]
    assert version is not None
    assert kafka.described["image"] == f"apache/kafka:{version.group(1)}"
    mirror = (ROOT / "kafka" / "mirror" / "pom.xml").read_text(encoding="utf-8")
    for library in ("kafka", "log4j"):
        versions = [re.findall(rf"<{library}.version>(.+)</{library}.version>", each) for each in (pom, mirror)]
        assert versions[0] == versions[1] != []
    assert "./kafka/broker.properties:/mnt/shared/config/server.properties:ro" in kafka.described["volumes"]
