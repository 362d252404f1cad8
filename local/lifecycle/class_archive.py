"""The archive of the broker's classes, with which it starts with three quarters of the processor time.

Java reads the loaded and verified classes from it. Made once for a computer, beside the broker's jars, by a broker that
runs for a moment; a newer Java ignores it.
"""

import fcntl
import socket
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from energytrack.bus.open import open_bus
from energytrack.errors import BusUnavailable
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.errors import CannotPrepare, ServiceFailed
from local.lifecycle.child import started
from local.services.kafka import class_archive, kafka_service, prepare_kafka, resolve_jars
from local.site import HOST, Site

OPTIONS: Final = "JDK_JAVA_OPTIONS"
"""The environment variable from which every `java` takes options."""
ANSWERS_SECONDS: Final = 120.0
ENDS_SECONDS: Final = 120


def made_class_archive(site: Site) -> Path | None:
    """The archive, made if it is missing; None if that fails: without it, brokers start more slowly."""
    resolve_jars(site)
    archive = class_archive(site)
    if archive.exists():
        return archive
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be making it
        if not archive.exists():
            _make(archive, site)
    return archive if archive.exists() else None


def _make(archive: Path, site: Site) -> None:
    """Run a broker of its own until it has topics; the classes that it loaded are written when it ends."""
    unfinished = archive.with_suffix(".unfinished")
    with tempfile.TemporaryDirectory(prefix="energytrack-", dir=archive.parent) as folder:
        ports = replace(site.ports, **dict(zip(("kafka", "kafka_controller"), _two_free_ports(), strict=True)))
        own = Site(var=Path(folder), cache=site.cache, ports=ports, kafka_users=False)
        try:
            prepare_kafka(own)
            service = replace(
                kafka_service(own), env={OPTIONS: f"-XX:ArchiveClassesAtExit={unfinished}"}, stop_seconds=ENDS_SECONDS
            )
            with started(service, own, deadline=ANSWERS_SECONDS) as broker:
                open_bus(KafkaSettings(servers=own.address(ports.kafka)), "class-archive").create_topics(TOPICS)
                broker.terminate()
        except (CannotPrepare, ServiceFailed, BusUnavailable):
            return
    if unfinished.exists():
        unfinished.rename(archive)


def _two_free_ports() -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
