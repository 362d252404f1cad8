"""The centre of several plants: a Kafka for their readings, and a Prometheus for what theirs record."""

import sys
from dataclasses import replace

from energytrack.security.rights import ADMIN
from local.services.access import kafka_env, password_file
from local.services.definition import Job, ServiceDefinition
from local.services.observability import configuration_folder, prometheus_service, put
from local.services.pipeline import shared_env
from local.services.secrets import kept_in
from local.site import Site


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
    """Receives what plants send, and scrapes only itself; without passwords, as it listens on loopback only."""
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
    for file in committed.glob("*.yml"):
        put(folder / file.name, file.read_text(encoding="utf-8"))
    for plant in site.plants:
        kept_in(password_file(site, plant))


def write_url(site: Site) -> str:
    """Where plants send their series."""
    return site.url(site.ports.prometheus, "/api/v1/write")
