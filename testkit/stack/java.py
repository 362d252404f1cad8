"""Java that starts quickly: a test's broker runs for seconds, and would spend most of them on loading classes."""

import fcntl
from dataclasses import replace
from pathlib import Path
from typing import Final

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.services.kafka import kafka_service, prepare_kafka, resolve_jars
from testkit.patience import seconds_here
from testkit.stack.servers import site_in, started

OPTIONS: Final = "JDK_JAVA_OPTIONS"
"""The environment variable from which every `java` takes options."""
COMPILE_LITTLE: Final = "-XX:TieredStopAtLevel=1"
"""Only the quick compiler: the other one pays off after minutes."""


def quick_start(folder: Path) -> str:
    """The options, with the archive of a broker's classes, which is made once on this computer, in `folder`.

    Programs other than the broker, and a newer Java, ignore the archive. Without it, brokers start more slowly.
    """
    archive = resolve_jars(site_in(folder)).with_suffix(".jsa")
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one of several workers makes it
        if not archive.exists():
            _make(archive, folder)
        return f"{COMPILE_LITTLE} -XX:SharedArchiveFile={archive}" if archive.exists() else COMPILE_LITTLE


def _make(archive: Path, folder: Path) -> None:
    """Run a broker until it has topics; the classes that it loaded are written when it ends."""
    site = site_in(folder)
    unfinished = archive.with_suffix(".unfinished")
    prepare_kafka(site)
    service = replace(
        kafka_service(site),
        env={OPTIONS: f"{COMPILE_LITTLE} -XX:ArchiveClassesAtExit={unfinished}"},
        stop_seconds=round(seconds_here(30)),
    )
    with started(service, site) as broker:
        open_bus(KafkaSettings(servers=site.address(site.ports.kafka)), "test").create_topics(TOPICS)
        broker.terminate()
    if unfinished.exists():  # the broker has written it in its time
        unfinished.rename(archive)
