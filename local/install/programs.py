"""The non-Python programs that the stack runs, and their packages. Standard library only."""

import ctypes
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEAST_JAVA: Final = 17
"""Required by Apache Kafka 4."""


@dataclass(frozen=True)
class Program:
    """A program by its possible names, and the Debian and Ubuntu packages that contain it, the best first."""

    name: str
    commands: tuple[str, ...]
    packages: tuple[str, ...]
    services: tuple[str, ...] = ()
    """The service that the package starts by itself, which must not happen: it would take the stack's port."""


JAVA: Final = Program("Java 17", ("java",), ("openjdk-17-jre-headless", "openjdk-21-jre-headless"))
MAVEN: Final = Program("Maven", ("mvn",), ("maven",))
PROMETHEUS: Final = Program("Prometheus", ("prometheus",), ("prometheus",), ("prometheus.service",))
PROMTOOL: Final = Program("promtool", ("promtool",), PROMETHEUS.packages, PROMETHEUS.services)
ALERTMANAGER: Final = Program(
    "Alertmanager",
    ("alertmanager", "prometheus-alertmanager"),
    ("prometheus-alertmanager",),
    ("prometheus-alertmanager.service",),
)
CADDY: Final = Program("Caddy", ("caddy",), ("caddy",), ("caddy.service",))
LIBATOMIC: Final = Program("libatomic, for Playwright", ("libatomic.so.1",), ("libatomic1",))
CHROMIUM: Final = Program("Chromium", ("chromium", "chromium-browser", "google-chrome"), ("chromium",))

FOR_THE_STACK: Final = (JAVA, MAVEN, PROMETHEUS, ALERTMANAGER, CADDY)
FOR_TESTS: Final = (*FOR_THE_STACK, PROMTOOL, CHROMIUM, LIBATOMIC)


def find(program: Program) -> str | None:
    """The path of a program, or the name of a shared library; None if it is not installed."""
    return next((path for command in program.commands if (path := shutil.which(command) or _library(command))), None)


def missing(programs: tuple[Program, ...]) -> tuple[Program, ...]:
    """The programs that are not installed; a Java that is too old counts as missing."""
    return tuple(
        program for program in programs if find(program) is None or (program is JAVA and java_version() < LEAST_JAVA)
    )


def java_version() -> int:
    """The major version of the `java` on the PATH; 0 if unknown."""
    try:
        output = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    except OSError:
        return 0
    return parse_java_version(output)


def parse_java_version(output: str) -> int:
    """17 for `openjdk version "17.0.15"`, 8 for `java version "1.8.0_392"`."""
    match = re.search(r'version "(?:1\.)?(\d+)', output)
    return int(match.group(1)) if match else 0


def find_grafana(home: str | None) -> Path | None:
    """Grafana's folder: from GRAFANA_HOME, from the program on the PATH, or the Debian package's."""
    places = [Path(home)] if home else []
    places += [Path(os.path.realpath(path)).parent.parent for path in (shutil.which("grafana"),) if path]
    places.append(Path("/usr/share/grafana"))
    return next((place for place in places if grafana_command(place)), None)


def grafana_command(home: Path) -> tuple[str, ...] | None:
    """The command that starts Grafana's server from its folder; None if it is not there."""
    candidates = ((str(home / "bin" / "grafana"), "server"), (str(home / "bin" / "grafana-server"),))
    found = next((command for command in candidates if os.access(command[0], os.X_OK)), None)
    on_path = shutil.which("grafana")
    if found is None and home == Path("/usr/share/grafana") and home.is_dir() and on_path:
        return (on_path, "server")
    return found


def _library(name: str) -> str | None:
    if ".so" not in name:
        return None
    try:
        ctypes.CDLL(name)
    except OSError:
        return None
    return name
