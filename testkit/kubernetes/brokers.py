"""What Strimzi would make of our objects: brokers, their listener, and users with passwords and rights.

It stands in for the operator, which is written in Java and comes as an image only. `plain` is the object's listener;
`OPERATOR` is that of the brokers among themselves, and of the test, which sets users.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from energytrack.bus.kafka.client import KafkaBus
from energytrack.settings import KafkaSettings

Object = Mapping[str, Any]
NAMESPACE: Final = "energytrack"
CLUSTER_ID: Final = "RW5lcmd5VHJhY2tQbGFudA"
ADMINISTRATOR: Final = "admin"
ADMINISTRATOR_SECRET: Final = "broker-administrator"  # noqa: S105  # its name
OPERATOR_PORT: Final = 9094
LOGIN: Final = "org.apache.kafka.common.security"
START: Final = """set -eu
{
  cat /etc/kafka/trial/server.properties
  echo "node.id=${HOSTNAME##*-}"
  echo "advertised.listeners=PLAIN://$HOSTNAME.$BROKERS:9092,OPERATOR://$POD_IP:9094"
} > /tmp/server.properties
kafka() { java -Xmx1g -Dlog4j2.configurationFile=/etc/kafka/docker/log4j2.properties -cp '/opt/kafka/libs/*' "$@"; }
kafka kafka.tools.StorageTool format --ignore-formatted --cluster-id "$CLUSTER_ID" --config /tmp/server.properties
exec java -Xms512m -Xmx1g -Dlog4j2.configurationFile=/etc/kafka/docker/log4j2.properties -cp '/opt/kafka/libs/*' \\
  kafka.Kafka /tmp/server.properties
"""


def broker_objects(kafka: Object, pool: Object) -> list[Object]:
    """The objects of the brokers of one cluster with one pool of nodes."""
    cluster, name = kafka["metadata"]["name"], pool["metadata"]["name"]
    brokers = f"{cluster}-kafka-brokers"
    labels = {"strimzi.io/cluster": cluster, "strimzi.io/name": f"{cluster}-kafka", "strimzi.io/pool-name": name}
    ports = [{"name": "plain", "port": 9092}, {"name": "control", "port": 9093}]
    (volume,) = pool["spec"]["storage"]["volumes"]
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": volume["size"]}}}
    return [
        _object("v1", "ConfigMap", f"{cluster}-{name}", data={"server.properties": properties(kafka, pool)}),
        _object("v1", "Service", brokers, spec={
            "clusterIP": "None", "publishNotReadyAddresses": True, "selector": labels, "ports": ports,
        }),
        _object("v1", "Service", f"{cluster}-kafka-bootstrap", spec={"selector": labels, "ports": ports[:1]}),
        _object("apps/v1", "StatefulSet", f"{cluster}-{name}", spec={
            "serviceName": brokers,
            "replicas": pool["spec"]["replicas"],
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": _broker_pod(kafka, pool, brokers)},
            "volumeClaimTemplates": [{"metadata": {"name": "data-0"}, "spec": claim}],
        }),
    ]  # fmt: skip


def properties(kafka: Object, pool: Object) -> str:
    """The brokers' settings: those of the object, and those that an operator adds."""
    cluster, name = kafka["metadata"]["name"], pool["metadata"]["name"]
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    if (listener["port"], listener["tls"], listener["authentication"]["type"]) != (9092, False, "scram-sha-512"):
        raise ValueError(f"the stand-in knows one listener: port 9092, scram-sha-512, without TLS; not {listener}")
    count = pool["spec"]["replicas"]
    voters = [f"{each}@{cluster}-{name}-{each}.{cluster}-kafka-brokers.{NAMESPACE}.svc:9093" for each in range(count)]
    password = "${file:/secrets/kafka:password}"  # noqa: S105  # where it is
    plain = f'{LOGIN}.plain.PlainLoginModule required username="{ADMINISTRATOR}" password="{password}"'
    plain += f' user_{ADMINISTRATOR}="{password}";'
    own = {
        "process.roles": ",".join(sorted(pool["spec"]["roles"])),
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "OPERATOR",
        "listeners": f"PLAIN://:9092,CONTROLLER://:9093,OPERATOR://:{OPERATOR_PORT}",
        "listener.security.protocol.map": "PLAIN:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT,OPERATOR:SASL_PLAINTEXT",
        "log.dirs": "/var/lib/kafka/data/log",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMINISTRATOR}",
        "config.providers": "file",
        "config.providers.file.class": "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.plain.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.plain.scram-sha-512.sasl.jaas.config": f"{LOGIN}.scram.ScramLoginModule required;",
        "listener.name.operator.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.operator.plain.sasl.jaas.config": plain,
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": plain,
        "share.coordinator.state.topic.replication.factor": str(min(count, 3)),
        "share.coordinator.state.topic.min.isr": "1",
    }
    given = {key: _text(value) for key, value in kafka["spec"]["kafka"]["config"].items()}
    return "".join(f"{key}={value}\n" for key, value in {**own, **given}.items())


def user_secrets(kafka: Object, users: Iterable[Object], existing: Iterable[str]) -> list[Object]:
    """A password for the administrator and for each user, in the secrets where our pods look for it.

    Those that exist keep theirs.
    """
    prefix = kafka["spec"]["entityOperator"]["userOperator"]["secretPrefix"]
    names = [ADMINISTRATOR_SECRET, *(prefix + user["metadata"]["name"] for user in users)]
    new = set(names) - set(existing)
    return [
        _object("v1", "Secret", name, stringData={"password": secrets.token_urlsafe(24)})
        for name in names
        if name in new
    ]


def rights(user: Object) -> list[ACL]:
    """A user's rights as the broker takes them."""
    return [
        ACL(
            principal=f"User:{user['metadata']['name']}",
            host="*",
            operation=ACLOperation[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).upper()],
            permission_type=ACLPermissionType.ALLOW,
            resource_pattern=ResourcePattern(
                ResourceType[each["resource"]["type"].upper()],
                each["resource"]["name"],
                {"literal": ACLResourcePatternType.LITERAL, "prefix": ACLResourcePatternType.PREFIXED}[
                    each["resource"]["patternType"]
                ],
            ),
        )
        for each in user["spec"]["authorization"]["acls"]
        for operation in each["operations"]
    ]


def set_users(server: str, administrator: str, users: Mapping[str, str], objects: Iterable[Object]) -> None:
    """Give users their passwords and rights, through the brokers' own listener."""
    settings = KafkaSettings.model_validate(
        {
            "servers": server,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "username": ADMINISTRATOR,
            "password": administrator,
        }
    )
    admin = KafkaBus(settings, "trial").admin()
    try:
        failed = admin.create_acls([acl for each in objects for acl in rights(each)])["failed"]
        if failed:
            raise failed[0]
        mechanism = ScramMechanism.SCRAM_SHA_512
        admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(user, mechanism, password) for user, password in users.items()]
        )
    finally:
        admin.close()


def _broker_pod(kafka: Object, pool: Object, brokers: str) -> dict[str, Any]:
    cluster, name = kafka["metadata"]["name"], pool["metadata"]["name"]
    return {
        **pool["spec"].get("template", {}).get("pod", {}),
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True, "runAsUser": 1000, "fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{
            "name": "kafka",
            "image": f"apache/kafka:{kafka['spec']['kafka']['version']}",
            "command": ["bash", "-c", START],
            "env": [
                {"name": "CLUSTER_ID", "value": CLUSTER_ID},
                {"name": "BROKERS", "value": f"{brokers}.{NAMESPACE}.svc"},
                {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            ],
            "readinessProbe": {"tcpSocket": {"port": 9092}, "periodSeconds": 5},
            "resources": pool["spec"]["resources"],
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": [
                {"name": "data-0", "mountPath": "/var/lib/kafka/data"},
                {"name": "settings", "mountPath": "/etc/kafka/trial"},
                {"name": "administrator", "mountPath": "/secrets/kafka"},
            ],
        }],
        "volumes": [
            {"name": "settings", "configMap": {"name": f"{cluster}-{name}"}},
            {"name": "administrator", "secret": {"secretName": ADMINISTRATOR_SECRET}},
        ],
    }  # fmt: skip


def _object(api: str, kind: str, name: str, **content: Any) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **content}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
