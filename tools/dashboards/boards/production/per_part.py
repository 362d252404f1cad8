"""Energy and cost per part, from the ledger: by day and by type."""

from typing import NamedTuple

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models.common import VisibilityMode

from tools.dashboards.kit.energy_terms import kept, with_estimated_parts
from tools.dashboards.kit.frame import DashboardSite, PanelRow, panel_row
from tools.dashboards.kit.panels import by_type, course
from tools.dashboards.kit.queries import over_time
from tools.dashboards.kit.wording.money import is_money


class Ratio(NamedTuple):
    """Two fields of the ledger's days."""

    amount: str
    parts: str


def over_days(site: DashboardSite) -> PanelRow:
    """The last 30 days."""
    text = (
        "{} of the quarter hours whose parts are known, divided by these parts, by type. Machines whose parts are "
        "estimated from the current have a line of their own."
    )
    energy = Ratio("metered_parts_kwh", "metered_parts")
    cost = Ratio("priced_parts_cost", "priced_parts")
    return panel_row(
        8,
        _daily(site, "Energy per part", text.format("The energy"), energy, "kwatth"),
        _daily(site, "Cost per part", text.format("The cost of the energy"), cost, site.money),
        heading="Per part",
    )


def _per_part(ratio: Ratio, *, estimated: bool) -> str:
    only = with_estimated_parts(are=estimated)
    parts = kept(f"day_{ratio.parts}", by="device_type", only=only)
    return f"{kept(f'day_{ratio.amount}', by='device_type', only=only)} / ({parts} > 0)"


def _daily(site: DashboardSite, title: str, description: str, ratio: Ratio, unit: str) -> tuple[timeseries.Panel, int]:
    panel = course(
        title,
        description,
        over_time(_per_part(ratio, estimated=False), "{{device_type}}"),
        over_time(_per_part(ratio, estimated=True), "{{device_type}} (estimated)"),
        unit=unit,
        links=(),
    )
    panel = by_type(panel, site.types).min(0).interval("1d").time_from("30d").show_points(VisibilityMode.ALWAYS)
    if is_money(unit):
        panel = panel.decimals(3)  # a part costs cents
    return panel.no_value("No parts were counted in this time."), 12
