"""The exporters as a separate process; for tests on real servers."""

import sys
from collections.abc import Mapping

from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import Site


def exporters_service(site: Site, env: Mapping[str, str]) -> ServiceDefinition:
    """The service on the site's port, with the committed plant file."""
    port = site.ports.exporters
    return ServiceDefinition(
        name="exporters",
        purpose="under test",
        command=(sys.executable, "-m", "exporters"),
        ready=HttpAnswers(site.url(port, "/healthz")),
        ports=("exporters",),
        env={
            "ENERGYTRACK_METRICS_PORT": str(port),
            "ENERGYTRACK_PLANT_FILE": str(site.root / "plant.toml"),
            **env,
        },
    )
