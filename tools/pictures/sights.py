"""The pages to take pictures of, each with its address and the sign that it is complete."""

from dataclasses import dataclass
from typing import Final

from tools.dashboards.kit import links


@dataclass(frozen=True)
class Screenshot:
    name: str
    """The name of the picture's file."""
    path: str
    """The path below the front door; `{device}` is the machine that is most at risk."""

    @property
    def is_of_grafana(self) -> bool:
        """Whether it is a dashboard."""
        return self.path.startswith("/d/")


OPERATORS: Final = (
    Screenshot("operators-fleet", "/control/"),
    Screenshot("operators-device", "/control/devices/{device}"),
    Screenshot("operators-alarms", "/control/alarms"),
)
DASHBOARDS: Final = tuple(
    Screenshot(f"grafana-{uid.removeprefix('energytrack-')}", f"/d/{uid}{query}")
    for uid, query in (
        (links.PLANT, "?from=now-30m&to=now"),
        (links.ENERGY, "?from=now-30m&to=now"),
        (links.MAINTENANCE, "?from=now-30m&to=now"),
        (links.DEVICE, "?var-device={device}&from=now-30m&to=now"),
        (links.MODEL, "?from=now-30m&to=now"),
        (links.PIPELINE, "?from=now-30m&to=now"),
    )
)
