"""Energy and cost per part, from the ledger: day by day, and each type for itself."""

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models.common import VisibilityMode

from tools.dashboards.kit.energy_terms import kept
from tools.dashboards.kit.frame import DashboardSite, PanelRow, panel_row
from tools.dashboards.kit.money import is_money
from tools.dashboards.kit.panels import by_type, course
from tools.dashboards.kit.queries import over_time


def over_days(site: DashboardSite) -> PanelRow:
    """The last 30 days."""
    kwh = _per_part("metered_parts_kwh", "metered_parts")
    cost = _per_part("priced_parts_cost", "priced_parts")
    description = "The energy of the quarter hours in which parts were counted, {} these parts, by type."
    return panel_row(
        8,
        _daily(site, "Energy per part", description.format("divided by"), kwh, "kwatth"),
        _daily(site, "Cost per part", f"What that energy cost: {description.format('over')}", cost, site.money),
        heading="Per part",
    )


def _per_part(amount: str, parts: str) -> str:
    return f"{kept(f'day_{amount}', by='device_type')} / ({kept(f'day_{parts}', by='device_type')} > 0)"


def _daily(
    site: DashboardSite, title: str, description: str, expression: str, unit: str
) -> tuple[timeseries.Panel, int]:
    panel = course(title, description, over_time(expression, "{{device_type}}"), unit=unit, links=())
    panel = by_type(panel, site.types).min(0).interval("1d").time_from("30d").show_points(VisibilityMode.ALWAYS)
    if is_money(unit):
        panel = panel.decimals(3)  # a part costs cents
    return panel.no_value("Nobody has counted parts in this time."), 12
