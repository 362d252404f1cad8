"""What is laid out for Prometheus, which reads it while it runs."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from local.services.definition import HttpAnswers, ServiceDefinition
from local.services.observability import prepare_prometheus
from local.services.scraping import LARGE
from local.site import Site
from testkit.stack.servers import eventually, prometheus_running, site_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_laying_out_again_beside_a_running_prometheus_keeps_its_targets(tmp_path: Path) -> None:
    """As `make up` does beside a stack that runs, with a service more and one less."""
    site = site_in(tmp_path)
    with prometheus_running(site, [a_service(site, "historian"), a_service(site, "exporters")]):
        eventually(lambda: watched(site) == {"historian", "exporters"}, 30, pause=0.2)
        prepare_prometheus(site, [a_service(site, "exporters"), a_service(site, "replay")])
        eventually(lambda: watched(site) == {"exporters", "replay"}, 30, pause=0.2)


def test_the_machines_of_a_large_plant_are_scraped_every_fifteen_seconds(tmp_path: Path) -> None:
    """A running Prometheus takes that over when the plant grows; the services' own series come as before."""
    site = site_in(tmp_path)
    scraped = [a_service(site, "historian"), a_service(site, "exporters")]
    with prometheus_running(site, scraped):
        eventually(lambda: intervals(site) == {"historian": "5s", "exporters": "5s"}, 30, pause=0.2)
        prepare_prometheus(replace(site, devices=LARGE + 1), scraped)
        eventually(lambda: intervals(site) == {"historian": "5s", "exporters": "15s"}, 30, pause=0.2)


def a_service(site: Site, name: str) -> ServiceDefinition:
    address = site.url(getattr(site.ports, name), "/metrics")
    return ServiceDefinition(
        name=name, purpose="is scraped", command=("true",), ready=HttpAnswers(address), ports=(name,)
    )


def watched(site: Site) -> set[str]:
    """The services that Prometheus means to scrape, itself left out."""
    return set(intervals(site))


def intervals(site: Site) -> dict[str, str]:
    """How often it means to scrape each of them."""
    targets = httpx.get(site.url(site.ports.prometheus, "/api/v1/targets")).json()["data"]["activeTargets"]
    named = {name: site.address(getattr(site.ports, name)) for name in ("historian", "exporters", "replay")}
    return {
        name: target["scrapeInterval"]
        for name, address in named.items()
        for target in targets
        if address in target["scrapeUrl"]
    }
