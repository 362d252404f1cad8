"""Java that starts quickly: a broker of a test lives for seconds, most of which it would load and compile classes."""

import fcntl
from dataclasses import replace
from pathlib import Path
from typing import Final

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.services.kafka import kafka_service, prepare_kafka, resolve_jars
from testkit.stack.servers import site_in, started

OPTIONS: Final = "JDK_JAVA_OPTIONS"
"""The environment variable from which every `java` takes options."""
COMPILE_LITTLE: Final = "-XX:TieredStopAtLevel=1"
"""The quick compiler alone: the other pays off after minutes."""


def quick_start(folder: Path) -> str:
    """The options, with the archive of a broker's classes, which is made once on this computer; `folder` is for that.

    Other programs than the broker, and a newer Java, do without the archive.
    """
    archive = resolve_jars(site_in(folder)).with_suffix(".jsa")
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several workers one makes it
        if not archive.exists():
            _make(archive, folder)
    return f"{COMPILE_LITTLE} -XX:SharedArchiveFile={archive}"


def _make(archive: Path, folder: Path) -> None:
    """What a broker loads until it has topics is written as it ends."""
    site = site_in(folder)
    unfinished = archive.with_suffix(".unfinished")
    prepare_kafka(site)
    service = replace(kafka_service(site), env={OPTIONS: f"{COMPILE_LITTLE} -XX:ArchiveClassesAtExit={unfinished}"})
    with started(service, site) as broker:
        open_bus(KafkaSettings(servers=site.address(site.ports.kafka)), "test").create_topics(TOPICS)
        broker.terminate()
    unfinished.rename(archive)
