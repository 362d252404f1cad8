"""Kafka's MirrorMaker 2, where this plant is one of several: it copies readings and events to the centre."""

from typing import Final

from centre.mirror import CENTRE, properties
from energytrack.security.rights import MIRROR
from local.errors import CannotPrepare
from local.services.access import kafka_settings, password_file
from local.services.definition import ProcessRuns, ServiceDefinition
from local.services.maven import jars, resolved
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


def prepare_mirror(site: Site) -> None:
    """Resolve the jars and write the settings, which say where passwords are and hold none."""
    resolved(site, POM, "Kafka's MirrorMaker")
    folder = site.var / "mirror"
    folder.mkdir(parents=True, exist_ok=True)
    own, theirs = password_file(site, MIRROR), site.centre.password_file
    if theirs is None and site.centre.kafka_security_protocol.startswith("SASL"):
        raise CannotPrepare("ENERGYTRACK_CENTRE_PASSWORD_FILE: the centre's Kafka asks for this plant's password")
    places = {"plant": f"${{file:{own.parent}:{own.name}}}"}
    places["centre"] = f"${{file:{theirs.parent}:{theirs.name}}}" if theirs else ""
    text = properties(site.centre, kafka_settings(site, MIRROR), places)
    (folder / "mirror.properties").write_text(text, encoding="utf-8")
