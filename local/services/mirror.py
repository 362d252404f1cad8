"""Kafka's MirrorMaker 2, if this plant is one of several: it copies readings and events to the centre."""

import sys
from typing import Final

from centre.mirror import CENTRE, place, properties
from energytrack.centre.settings import CentreSettings
from energytrack.security.rights import MIRROR
from local.errors import CannotPrepare
from local.services.access import kafka_env, kafka_settings, password_file
from local.services.definition import HttpAnswers, ProcessRuns, ServiceDefinition
from local.services.maven import jars, resolved
from local.services.pipeline import shared_env
from local.site import Site

POM: Final = "kafka/mirror/pom.xml"


def mirror_service(site: Site) -> ServiceDefinition:
    """MirrorMaker as a process of its own; its settings name one source and one target."""
    return ServiceDefinition(
        name="mirror",
        purpose="copies readings to the centre",
        command=(
            "java",
            "-Xms64m",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            f"-Dlog4j2.configurationFile={site.root / 'kafka' / 'log4j2.properties'}",
            "-cp",
            f"{jars(site, POM)}/*",
            "org.apache.kafka.connect.mirror.MirrorMaker",
            str(site.var / "mirror" / "mirror.properties"),
            "--clusters",
            CENTRE,
        ),
        ready=ProcessRuns(),
        ports=(),
        needs=("topics",),
        stop_seconds=30,
    )


def mirror_watch_service(site: Site) -> ServiceDefinition:
    """Tells Prometheus how far behind the centre is, which MirrorMaker does not."""
    port = site.ports.mirror_watch
    centre = site.centre.model_dump(exclude_none=True)
    return ServiceDefinition(
        name="mirror_watch",
        purpose="says how far behind the centre is",
        command=(sys.executable, "-m", "centre.watch"),
        ready=HttpAnswers(site.url(port, "/healthz")),
        ports=("mirror_watch",),
        needs=("topics",),
        env={
            **shared_env(site),
            **kafka_env(site, MIRROR),
            **{site.centre.variable(name): str(value) for name, value in centre.items()},
            "ENERGYTRACK_METRICS_PORT": str(port),
        },
    )


def prepare_mirror(site: Site) -> None:
    """Resolve the jars and write the settings, which name files of passwords and contain none."""
    places = {"plant": place(password_file(site, MIRROR)), "centre": _place_of_centre(site.centre)}
    resolved(site, POM, "Kafka's MirrorMaker")
    folder = site.var / "mirror"
    folder.mkdir(parents=True, exist_ok=True)
    text = properties(site.centre, kafka_settings(site, MIRROR), places)
    (folder / "mirror.properties").write_text(text, encoding="utf-8")


def _place_of_centre(centre: CentreSettings) -> str:
    """The file with the password for the centre; raises CannotPrepare if MirrorMaker needs it and cannot use it."""
    if not centre.kafka_security_protocol.startswith("SASL"):
        return ""
    variable, file = centre.variable("password_file"), centre.password_file
    if file is None:
        raise CannotPrepare(f"{variable}: needed, because the centre's Kafka requires this plant's password")
    try:
        password = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotPrepare(f"{variable}: cannot be read: {error}") from error
    if password != password.strip() or not password:
        raise CannotPrepare(
            f"{variable}: {file} has to hold the password and nothing else, no line end either: MirrorMaker takes "
            "the file as it is"
        )
    return place(file)
