"""The Kafka broker on this computer: its jars from Maven, its settings, its formatted storage."""

import base64
import hashlib
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Final

from energytrack.running.disk_room import room_of
from energytrack.security.rights import ADMIN
from local.errors import CannotPrepare
from local.services.access import make_passwords, password_file, passwords
from local.services.definition import KafkaAnswers, ServiceDefinition
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

SECRETS: Final = "/secrets/kafka"
"""The folder of passwords in kafka/broker.properties."""
OPEN: Final = (
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT\nsuper.users=User:ANONYMOUS;User:admin\n"
)
"""Settings of a broker that asks nobody who they are."""


def kafka_service(site: Site) -> ServiceDefinition:
    """One broker that is its own controller (KRaft)."""
    return ServiceDefinition(
        name="kafka",
        purpose="the message bus (Apache Kafka)",
        command=(*_java(site), "kafka.Kafka", str(_settings_file(site))),
        ready=KafkaAnswers(site.address(site.ports.kafka), password_file(site, ADMIN) if site.kafka_users else None),
        ports=("kafka", "kafka_controller"),
        data="kafka",
        stop_seconds=30,
    )


def prepare_kafka(site: Site) -> None:
    """Resolve the jars, write the settings and format the storage; each only if necessary."""
    resolve_jars(site)
    make_passwords(site)
    folder = _data(site)
    folder.mkdir(parents=True, exist_ok=True)
    _settings_file(site).write_text(broker_settings(site), encoding="utf-8")
    if not (folder / "meta.properties").exists():
        _format(site)


def resolve_jars(site: Site) -> Path:
    """The folder of the broker's jars; Maven runs only if kafka/pom.xml has changed."""
    jars = _jars(site)
    if jars.is_dir():
        return jars
    site.cache.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=site.cache, prefix="kafka-"))
    try:
        _run(
            ["mvn", "--quiet", "--batch-mode", "--no-transfer-progress", f"--file={site.root / 'kafka' / 'pom.xml'}",
             "dependency:copy-dependencies", f"-DoutputDirectory={unfinished}"],
            "Maven could not resolve Apache Kafka (kafka/pom.xml); is its repository (~/.m2/settings.xml) reachable?",
        )  # fmt: skip
        if not jars.is_dir():  # another process may have been faster
            unfinished.rename(jars)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return jars


def broker_settings(site: Site) -> str:
    """The broker's settings: kafka/broker.properties, this site's addresses, and limits for this computer's disk."""
    size = room_of(site.var).size if site.var.exists() else 0
    client, controller = (f"{HOST}:{port}" for port in (site.ports.kafka, site.ports.kafka_controller))
    here = (
        f"listeners=INTERNAL://{client},CONTROLLER://{controller}\n"
        f"advertised.listeners=INTERNAL://{client}\n"
        f"controller.quorum.voters=1@{controller}\n"
        f"log.dirs={_data(site)}\n"
        f"log.retention.bytes={partition_bytes(size)}\n"
        f"log.segment.bytes={max(partition_bytes(size) // SEGMENTS, LEAST_SEGMENT)}\n"
    )
    shared = (site.root / "kafka" / "broker.properties").read_text(encoding="utf-8")
    return shared.replace(SECRETS, str(passwords(site))) + "\n" + here + ("" if site.kafka_users else OPEN)


def partition_bytes(disk_bytes: int) -> int:
    """Kafka's limit for each partition on a disk of that size; 0 means that the size is unknown."""
    if not disk_bytes:
        return PARTITION_BYTES
    share = int(SHARE_OF_DISK * disk_bytes * SEGMENTS / (SEGMENTS + 1)) // LARGE_PARTITIONS
    return max(min(PARTITION_BYTES, share), SEGMENTS * LEAST_SEGMENT)


def _jars(site: Site) -> Path:
    pom = (site.root / "kafka" / "pom.xml").read_bytes()
    return site.cache / f"kafka-{hashlib.sha256(pom).hexdigest()[:12]}"


def _java(site: Site) -> tuple[str, ...]:
    return (
        "java",
        "-Xms256m",
        "-Xmx1g",
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-Djava.awt.headless=true",
        "-XX:+ExitOnOutOfMemoryError",
        f"-XX:ErrorFile={site.logs / 'kafka-crash.log'}",
        f"-Dlog4j2.configurationFile={site.root / 'kafka' / 'log4j2.properties'}",
        "-cp",
        f"{_jars(site)}/*",
    )


def _data(site: Site) -> Path:
    return site.var / "kafka" / "data"


def _settings_file(site: Site) -> Path:
    return site.var / "kafka" / "server.properties"


def _format(site: Site) -> None:
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    _run(
        [*_java(site), "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}",
         "--config", str(_settings_file(site))],
        f"Kafka's storage in {_data(site)} could not be formatted; if it is damaged, move it away and start again",
    )  # fmt: skip


def _run(command: list[str], sentence: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    except FileNotFoundError as error:
        raise CannotPrepare(f"{sentence}: {command[0]} is not installed") from error
    if done.returncode:
        raise CannotPrepare(f"{sentence}:\n{(done.stdout + done.stderr).strip()[-2000:]}")
