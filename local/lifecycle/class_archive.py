"""The archive of the broker's classes, with which it starts with three quarters of the processor time.

Java reads the loaded and verified classes from it. Made once on a computer for each version of Kafka and Java, beside
the broker's jars, by a broker that runs for a moment.
"""

import fcntl
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from energytrack.clock import Clock, SystemClock
from energytrack.errors import EnergyTrackError
from local.errors import CannotPrepare
from local.lifecycle.child import spawned, started, tail
from local.services.kafka import class_archive, kafka_service, prepare_kafka, resolve_jars
from local.services.pipeline import topics_job
from local.site import HOST, Site

OPTIONS: Final = "JDK_JAVA_OPTIONS"
"""The environment variable from which every `java` takes options."""
MAKING_SECONDS: Final = 60.0
"""How long making it may take, all in all; a start without it is better than one that waits."""
AGAIN_SECONDS: Final = 86_400.0
"""How long after a failure nobody tries again."""
MOST_WORDS: Final = 300
"""Letters of a failure that are told; a broker's log is long."""
IN_ORDER: Final = (0, 143)
"""How Java ends when it was asked to: by itself, or as SIGTERM says. The archive is whole then."""


def made_class_archive(
    site: Site, note: Callable[[str], None], clock: Clock | None = None, *, seconds: float = MAKING_SECONDS
) -> Path | None:
    """The archive, made if it is missing; None if that fails: without it, brokers start more slowly.

    A failure is noted in one line, and in a file, so that starts of the next day do not try again.
    """
    resolve_jars(site)
    archive = class_archive(site)
    failed = archive.with_suffix(".failed")
    if not archive.exists() and not _is_fresh(failed):
        try:
            _make_alone(archive, failed, site, clock or SystemClock(), seconds)
        except (OSError, subprocess.SubprocessError, EnergyTrackError) as error:
            why = " ".join(str(error).split())[:MOST_WORDS]
            note(f"No archive of the broker's classes, so it starts more slowly. Remove {failed} to try again. {why}")
            with suppress(OSError):
                failed.write_text(f"{why}\n", encoding="utf-8")
    return archive if archive.exists() else None


def _is_fresh(failed: Path) -> bool:
    """Whether it failed within a day: a computer may have been too busy for a while."""
    with suppress(OSError):
        return time.time() - failed.stat().st_mtime < AGAIN_SECONDS
    return False


def _make_alone(archive: Path, failed: Path, site: Site, clock: Clock, seconds: float) -> None:
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be making it, for MAKING_SECONDS at most
        if archive.exists() or _is_fresh(failed):
            return
        unfinished = archive.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)  # of a process that was killed
        try:
            with tempfile.TemporaryDirectory(prefix="energytrack-", dir=archive.parent) as folder:
                _make(unfinished, Path(folder), site, clock, seconds)
            unfinished.rename(archive)
        finally:
            unfinished.unlink(missing_ok=True)


def _make(archive: Path, folder: Path, site: Site, clock: Clock, most: float) -> None:
    """Run a broker of its own until it has topics; the classes that it loaded are written when it ends in order."""
    end = clock.monotonic() + most

    def left() -> float:
        seconds = end - clock.monotonic()
        if seconds <= 0:
            raise CannotPrepare(f"It was not made within {most:.0f} s.")
        return seconds

    ports = replace(site.ports, **dict(zip(("kafka", "kafka_controller"), _two_free_ports(), strict=True)))
    own = Site(root=site.root, var=folder, cache=site.cache, ports=ports, kafka_users=False)
    prepare_kafka(own, seconds=left())
    service = replace(kafka_service(own), env={OPTIONS: f"-XX:ArchiveClassesAtExit={archive}"})
    with started(service, own, deadline=left()) as broker:
        _create_topics(own, left())
        broker.service = replace(service, stop_seconds=max(1, round(left())))
        code = broker.terminate()
    if code not in IN_ORDER:
        raise CannotPrepare(f"The broker that makes it ended with code {code}.")


def _create_topics(site: Site, seconds: float) -> None:
    """In a process of its own, because Kafka's clients wait for a broker for ever."""
    job, log = topics_job(site), site.log("topics")
    with log.open("wb") as output, spawned(job.command, site, job.env, output, cwd=site.root) as process:
        try:
            code = process.wait(seconds)
        finally:
            process.kill()
    if code:
        raise CannotPrepare(f"Its broker got no topics: {tail(log, 1)}")


def _two_free_ports() -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
