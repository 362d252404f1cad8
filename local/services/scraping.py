"""How often Prometheus scrapes the series of machines: less often in a plant with many machines."""

import json
from collections.abc import Sequence
from typing import Final

from energytrack.plant import load_plant
from local.site import Site

USUAL_SECONDS: Final = 5
"""As committed, in prometheus.yml and in Grafana's data source."""
LARGE_SECONDS: Final = 15
"""Rules and alerts are evaluated as often, and none looks back less than a minute."""
LARGE: Final = 1000
"""More machines than this are a large plant: it has 25 series for each."""


def scrape_seconds(site: Site) -> int:
    """Seconds between two scrapes of the series of machines."""
    machines = len(load_plant(site.plant_file).devices) if site.devices is None else site.devices
    return LARGE_SECONDS if machines > LARGE else USUAL_SECONDS


def targets_file(job: str, addresses: Sequence[str], seconds: int) -> str:
    """A job's targets in YAML; those of machines' series have their own scrape interval, unless it is the default."""
    entry: dict[str, object] = {"targets": list(addresses)}
    if job == "exporters" and seconds != USUAL_SECONDS:
        entry["labels"] = {"__scrape_interval__": f"{seconds}s", "__scrape_timeout__": f"{seconds - 1}s"}
    return json.dumps([entry]) + "\n"  # JSON is YAML
