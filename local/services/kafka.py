"""The Kafka broker on this computer: its jars from Maven, its settings, its formatted storage."""

import base64
import re
import shutil
import uuid
from pathlib import Path
from typing import Final

from energytrack.running.disk_room import room_of
from energytrack.security.rights import ADMIN
from local.errors import CannotPrepare
from local.services.access import make_passwords, password_file, passwords
from local.services.definition import KafkaAnswers, ServiceDefinition
from local.services.maven import jars, resolved, run_once
from local.site import HOST, Site

PARTITION_BYTES: Final = 256 * 2**20
"""A demonstration that is left running must not fill the disk: half a day of 300 machines, 3 GiB for each topic."""
SHARE_OF_DISK: Final = 0.2
"""Maximum share of a small disk for all partitions of the large topics."""
LARGE_PARTITIONS: Final = 2 * 12
"""The topics of readings and insights."""
SEGMENTS: Final = 2
"""A partition is deleted in whole segments, and the active one comes on top."""
LEAST_SEGMENT: Final = 2**20
"""Kafka's minimum."""

POM: Final = "kafka/pom.xml"
FIRST: Final = "kafka"
FORMATTED: Final = "meta.properties"
"""A file of storage that is formatted."""
ONE_ADDRESS: Final = "max.connections.per.ip=2147483647\n"
"""All services of this computer have the same address."""
THREE_COPIES: Final = """\
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
broker.session.timeout.ms=9000
broker.heartbeat.interval.ms=2000
"""
"""Of everything, on three brokers: what two of them have is acknowledged, so that one may be away.

A slow one keeps its leadership for Kafka's own nine seconds: on one that is alone, nobody waits for a new leader.
"""

UNKNOWN: Final = "unknown"

SECRETS: Final = "/secrets/kafka"
"""The folder of passwords in kafka/broker.properties."""
OPEN: Final = (
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT\nsuper.users=User:ANONYMOUS;User:admin\n"
)
"""Settings of a broker that asks nobody who they are."""


def kafka_services(site: Site) -> tuple[ServiceDefinition, ...]:
    """Each broker, which is a controller too (KRaft)."""
    return tuple(kafka_service(site, name) for name in site.broker_names)


def kafka_service(site: Site, name: str = FIRST) -> ServiceDefinition:
    """One of the brokers."""
    address = site.address(getattr(site.ports, name))
    return ServiceDefinition(
        name=name,
        purpose="the message bus (Apache Kafka)" if name == FIRST else "another copy of the message bus",
        command=(*_java(site, name), "kafka.Kafka", str(_settings_file(site, name))),
        ready=KafkaAnswers(address, password_file(site, ADMIN) if site.kafka_users else None),
        ports=(name, f"{name}_controller"),
        data=name,
        stop_seconds=30,
    )


def prepare_kafka(site: Site, *, seconds: float | None = None) -> None:
    """Resolve the jars, write the settings and format the storage; each only if necessary.

    Raises CannotPrepare if formatting takes longer than `seconds`.
    """
    resolve_jars(site)
    make_passwords(site)
    check_number(site)
    cluster_id = _cluster_id(site)
    for name in site.broker_names:
        folder = _data(site, name)
        folder.mkdir(parents=True, exist_ok=True)
        _settings_file(site, name).write_text(broker_settings(site, name), encoding="utf-8")
        if not (folder / FORMATTED).exists():
            _format(site, name, cluster_id, seconds)


def check_number(site: Site) -> None:
    """Raises CannotPrepare if the folder has another number of brokers: topics are replicated when created."""
    if not (_data(site, FIRST) / FORMATTED).exists():
        return
    there = len(re.findall(r"\d@", _property(_settings_file(site, FIRST), "controller.quorum.voters")))
    if there != site.brokers:
        raise CannotPrepare(
            f"{site.var} was begun with {there} of Kafka's brokers, so it cannot go on with {site.brokers}. Start it "
            f"with --brokers {there} (BROKERS={there}), or set ENERGYTRACK_VAR to another folder."
        )


def resolve_jars(site: Site) -> Path:
    """The folder of the broker's jars."""
    return resolved(site, POM, "Apache Kafka")


def class_archive(site: Site) -> Path:
    """Where the archive of the broker's classes is, if there is one; see `local.lifecycle.class_archive`.

    Named after its Kafka and its Java: another Java cannot use it.
    """
    folder = jars(site, POM)
    return folder.with_name(f"{folder.name}-java-{java_version()}.jsa")


def java_version() -> str:
    """The version of the installed Java, from a file beside it; "unknown" if there is none."""
    java = shutil.which("java")
    if java is None:
        return UNKNOWN
    try:
        told = (Path(java).resolve().parent.parent / "release").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return UNKNOWN
    versions = dict(re.findall(r'^(JAVA_(?:RUNTIME_)?VERSION)="([\w.+-]+)"$', told, re.MULTILINE))
    return versions.get("JAVA_RUNTIME_VERSION") or versions.get("JAVA_VERSION") or UNKNOWN


def broker_settings(site: Site, name: str = FIRST) -> str:
    """A broker's settings: kafka/broker.properties, this site's addresses, and limits for this computer's disk."""
    size = room_of(site.var).size // site.brokers if site.var.exists() else 0
    controllers = {each: f"{HOST}:{getattr(site.ports, f'{each}_controller')}" for each in site.broker_names}
    voters = ",".join(f"{number}@{address}" for number, address in enumerate(controllers.values(), start=1))
    client = site.address(getattr(site.ports, name))
    here = (
        f"node.id={site.broker_names.index(name) + 1}\n"
        f"listeners=INTERNAL://{client},CONTROLLER://{controllers[name]}\n"
        f"advertised.listeners=INTERNAL://{client}\n"
        f"controller.quorum.voters={voters}\n"
        f"log.dirs={_data(site, name)}\n"
        f"log.retention.bytes={partition_bytes(size)}\n"
        f"log.segment.bytes={max(partition_bytes(size) // SEGMENTS, LEAST_SEGMENT)}\n"
    )
    here += ONE_ADDRESS
    if site.brokers > 1:
        here += THREE_COPIES
    shared = (site.root / "kafka" / "broker.properties").read_text(encoding="utf-8")
    return shared.replace(SECRETS, str(passwords(site))) + "\n" + here + ("" if site.kafka_users else OPEN)


def partition_bytes(disk_bytes: int) -> int:
    """Kafka's limit for each partition on a disk of that size; 0 means that the size is unknown."""
    if not disk_bytes:
        return PARTITION_BYTES
    share = int(SHARE_OF_DISK * disk_bytes * SEGMENTS / (SEGMENTS + 1)) // LARGE_PARTITIONS
    return max(min(PARTITION_BYTES, share), SEGMENTS * LEAST_SEGMENT)


def _java(site: Site, name: str) -> tuple[str, ...]:
    archive = class_archive(site)
    return (
        "java",
        *((f"-XX:SharedArchiveFile={archive}",) if archive.exists() else ()),
        "-Xms256m",
        "-Xmx1g",
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-Djava.awt.headless=true",
        "-XX:+ExitOnOutOfMemoryError",
        f"-XX:ErrorFile={site.logs / f'{name}-crash.log'}",
        f"-Dlog4j2.configurationFile={site.root / 'kafka' / 'log4j2.properties'}",
        "-cp",
        f"{jars(site, POM)}/*",
    )


def _data(site: Site, name: str) -> Path:
    return site.var / name / "data"


def _settings_file(site: Site, name: str) -> Path:
    return site.var / name / "server.properties"


def _cluster_id(site: Site) -> str:
    """The cluster id of the existing storage, or a new one."""
    formatted = _data(site, FIRST) / FORMATTED
    if formatted.exists():
        return _property(formatted, "cluster.id")
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _property(file: Path, name: str) -> str:
    """The last value of a property; empty if there is none."""
    values = re.findall(rf"^{re.escape(name)}=(.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return values[-1].strip() if values else ""


def _format(site: Site, name: str, cluster_id: str, seconds: float | None) -> None:
    run_once(
        [*_java(site, name), "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}",
         "--config", str(_settings_file(site, name))],
        f"Kafka's storage in {_data(site, name)} could not be formatted; if it is damaged, move it away and start "
        "again",
        seconds,
    )  # fmt: skip
