"""How many machines are in each state: the first number on several dashboards."""

from grafana_foundation_sdk.builders import common, stat

from tools.dashboards.kit.panels import Links, number
from tools.dashboards.kit.queries import at_the_end, or_zero
from tools.dashboards.kit.tables import look
from tools.dashboards.kit.wording.colours import STATES, painted


def machines_by_state(counted: str, links: Links) -> stat.Panel:
    """`counted` counts machines in the state `STATE`."""
    panel = number(
        "Machines by state",
        "The number of machines in each state. A machine that does not report counts as silent only.",
        *(at_the_end(or_zero(counted.replace("STATE", state), "exporters"), state) for state in STATES),
        unit="short",
        links=links,
    ).decimals(0)
    for state, colour in STATES.items():
        panel = panel.with_override(*painted(state, colour))
    # In full it is cut off on a screen of 1440 pixels beside Grafana's menu.
    panel = panel.override_by_name("maintenance", [look("displayName", "maint.")])
    return panel.text(common.VizTextDisplayOptions().value_size(24).title_size(11))
