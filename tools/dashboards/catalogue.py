"""All dashboards, and how each becomes a file."""

import json
from collections.abc import Callable
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from tools.dashboards.boards.device import board as device
from tools.dashboards.boards.energy import board as energy
from tools.dashboards.boards.maintenance import board as maintenance
from tools.dashboards.boards.model import board as model
from tools.dashboards.boards.pipeline import board as pipeline
from tools.dashboards.boards.plant import home, line, overview
from tools.dashboards.boards.production import board as production
from tools.dashboards.boards.savings import board as savings
from tools.dashboards.kit.frame import DashboardSite

DASHBOARDS: Final[tuple[tuple[str, Callable[[DashboardSite], Dashboard]], ...]] = (
    ("home.json", home.build),
    ("plant-overview.json", overview.build),
    ("line.json", line.build),
    ("energy.json", energy.build),
    ("production.json", production.build),
    ("savings.json", savings.build),
    ("maintenance.json", maintenance.build),
    ("device.json", device.build),
    ("model-health.json", model.build),
    ("pipeline-health.json", pipeline.build),
)


def rendered(site: DashboardSite) -> dict[str, str]:
    """The content of each file, by its name."""
    return {
        name: json.dumps(build(site).build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for name, build in DASHBOARDS
    }
