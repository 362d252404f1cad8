"""All dashboards, and how each becomes a file."""

import json
from collections.abc import Callable
from typing import Any, Final

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
from tools.dashboards.centre import plants
from tools.dashboards.centre.reduced import at_centre, reduced
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
PLANT_ONLY: Final = frozenset({"home.json", "device.json", "line.json"})
"""The way to pages of the plant, its wall screens and its machines one by one."""


def rendered_at_centre(site: DashboardSite) -> dict[str, str]:
    """The content of each file of the centre of several plants, by its name."""
    of_one = {name: reduced(json.loads(text)) for name, text in rendered(site).items() if name not in PLANT_ONLY}
    of_all = json.loads(_text(plants.build(DashboardSite("browser", site.currency))))
    boards = {"plants.json": of_all, **{name: board for name, board in of_one.items() if board is not None}}
    here = frozenset(board["uid"] for board in boards.values())
    return {name: _json(at_centre(board, here)) for name, board in boards.items()}


def rendered(site: DashboardSite) -> dict[str, str]:
    """The content of each file, by its name."""
    return {name: _text(build(site)) for name, build in DASHBOARDS}


def _text(board: Dashboard) -> str:
    return json.dumps(board.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _json(board: dict[str, Any]) -> str:
    return json.dumps(board, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
