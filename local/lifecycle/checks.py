"""Checks before anything is started; each problem is a sentence that says what to do."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from energytrack.running.launcher import launch_command
from local.errors import CannotPrepare, NotReady
from local.install import apt, programs
from local.lifecycle.processes import OccupiedPort, taken_ports
from local.lifecycle.readiness import ask
from local.services.definition import MongoAnswers, ServiceDefinition
from local.site import Site

LEAST_FREE_BYTES: Final = 3_000_000_000
"""A day of the default plant: data of Kafka, the database and Prometheus, and space to merge it."""
GIB: Final = 2**30
RESTORING: Final = "restoring"
"""A file in the state folder while a backup is being restored there; it holds the backup's name."""


def check_all(site: Site, services: Iterable[ServiceDefinition]) -> None:
    """Raises CannotPrepare with every problem at once; `services` are those about to be started."""
    problems = [*check_programs(), *check_folder(site.var), *check_ports(site, services), *check_database(site)]
    if problems:
        raise CannotPrepare("\n".join(problems))


def check_programs() -> list[str]:
    """Missing programs, or a Java that is too old."""
    absent = programs.missing(programs.FOR_THE_STACK)
    return [apt.line_to_type(absent)] if absent else []


def check_folder(var: Path) -> list[str]:
    """A state folder that is not writable, or a disk that is nearly full."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        (var / "log").mkdir(exist_ok=True)
        probe = var / ".writable"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return [f"{var}, where the stack keeps its state, cannot be written to: {error.strerror}."]
    return disk_problem(var, free=shutil.disk_usage(var).free)


def unfinished_restore(var: Path) -> str | None:
    """The backup whose restore was begun but not finished."""
    try:
        return (var / RESTORING).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def check_restored(var: Path) -> list[str]:
    """Complain about a plant that was restored only in part."""
    backup = unfinished_restore(var)
    if backup is None:
        return []
    again = f"{launch_command('local')} restore {backup}"
    return [f"{var} holds only part of the backup {backup}, because restoring it was interrupted: `{again}` again."]


def disk_problem(var: Path, *, free: int) -> list[str]:
    """The sentence for a disk without enough space."""
    if free >= LEAST_FREE_BYTES:
        return []
    sentence = (
        f"Only {free / GIB:.1f} GiB are free on the disk of {var}; the stack needs {LEAST_FREE_BYTES / GIB:.1f}. "
        "Free some space, or set ENERGYTRACK_VAR to a folder on another disk."
    )
    return [sentence]


def check_database(site: Site) -> list[str]:
    """A database of the user's own that is not available."""
    if site.mongo_uri is None:
        return []
    try:
        ask(MongoAnswers(site.mongo_uri))
    except NotReady as error:
        return [f"ENERGYTRACK_MONGO_URI names your own database, but {error}. Start it, or unset the variable."]
    return []


def check_ports(site: Site, services: Iterable[ServiceDefinition]) -> list[str]:
    """Ports that are already in use."""
    wanted = {name: getattr(site.ports, name) for service in services for name in service.ports}
    return port_problem(taken_ports(wanted))


def port_problem(taken: Iterable[OccupiedPort]) -> list[str]:
    """A sentence for each port in use, and a way around all of them."""
    sentences = [str(port) for port in taken]
    if sentences:
        sentences.append("To move the whole stack to other ports: make demo ENERGYTRACK_PORT_OFFSET=1000")
    return sentences
