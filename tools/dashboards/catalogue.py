"""All dashboards, and how each becomes a file."""

import json
from collections.abc import Callable
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from tools.dashboards.boards import device, energy, maintenance, model_health, pipeline_health, plant_overview, savings
from tools.dashboards.kit.frame import Site

DASHBOARDS: Final[tuple[tuple[str, Callable[[Site], Dashboard]], ...]] = (
    ("plant-overview.json", plant_overview.build),
    ("energy.json", energy.build),
    ("savings.json", savings.build),
    ("maintenance.json", maintenance.build),
    ("device.json", device.build),
    ("model-health.json", model_health.build),
    ("pipeline-health.json", pipeline_health.build),
)


def rendered(site: Site) -> dict[str, str]:
    """The content of each file, by its name."""
    return {
        name: json.dumps(build(site).build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for name, build in DASHBOARDS
    }
