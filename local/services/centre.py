"""The centre of several plants: a Kafka for their readings, and a Prometheus for what theirs record."""

import sys
from dataclasses import replace
from typing import Final

from energytrack.security.rights import ADMIN
from local.services.access import kafka_env, password_file
from local.services.definition import Job, ServiceDefinition
from local.services.observability import configuration_folder, prepare_passwords, prometheus_service, put
from local.services.pipeline import shared_env
from local.services.secrets import kept_in
from local.services.web_configuration import signed_in
from local.site import Site

ITSELF: Final = "localhost:9090"
"""Where the committed configuration scrapes itself."""
SCRAPES: Final = "\nscrape_configs:\n"
"""In Prometheus' configuration, beside which there are rules."""


def plant_jobs(site: Site) -> tuple[Job, ...]:
    """Jobs that give each plant its user in the centre's Kafka, with the password stored here."""
    return tuple(
        Job(
            name=f"user_{plant}",  # no service has such a name
            purpose="a plant that may send readings",
            command=(sys.executable, "-m", "centre", "add", plant, "--password-file", str(password_file(site, plant))),
            needs=site.broker_names,
            env={**shared_env(site), **kafka_env(site, ADMIN)},
        )
        for plant in site.plants
    )


def prometheus_of_centre(site: Site) -> ServiceDefinition:
    """Receives what plants send, and scrapes only itself; it listens on loopback only.

    If it has passwords, a plant writes, and may read, with that of its user in Kafka.
    """
    service = prometheus_service(site)
    return replace(
        service,
        purpose="keeps the series of all plants",
        command=(*service.command, "--web.enable-remote-write-receiver"),
    )


def prepare_centre(site: Site) -> None:
    """Write Prometheus' configuration, and a password for each plant."""
    committed, folder = site.root / "prometheus" / "centre", configuration_folder(site)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    plants = {plant: password_file(site, plant) for plant in site.plants}
    for file in plants.values():
        kept_in(file)
    passwords = prepare_passwords(site, ("prometheus",), plants)
    for committed_file in committed.glob("*.yml"):
        text = committed_file.read_text(encoding="utf-8").replace(ITSELF, site.address(site.ports.prometheus))
        put(folder / committed_file.name, signed_in(text, passwords) if SCRAPES in text else text)


def write_url(site: Site) -> str:
    """Where plants send their series."""
    return site.url(site.ports.prometheus, "/api/v1/write")
