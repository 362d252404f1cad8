"""Where energy is used, what it costs, and what could be saved."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tools.dashboards.boards.energy import courses, expected, plant_meters, quality, quarter_hour, tables
from tools.dashboards.kit import annotations, links, variables
from tools.dashboards.kit.energy_terms import COST, COST_OF_IDLE, USED, USED_IDLE, added, peak
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, tiles
from tools.dashboards.kit.panels import Links, number
from tools.dashboards.kit.queries import LINES, at_the_end
from tools.dashboards.kit.wording.colours import more_is_worse


def build(site: DashboardSite) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.ENERGY,
            "Energy",
            "Where is energy used, what does it cost, and what could be saved?",
            site=site,
            since="now/d",
            refresh="1m",
            choices=(variables.line(), variables.device_type()),
            marks=(annotations.orders(LINES),),
        ),
        *_at_a_glance(site),
        courses.load(site),
        quarter_hour.forecast(site),
        courses.amounts(site),
        courses.years(site),
        *expected.against_baselines(),
        plant_meters.meters(),
        tables.comparison(site),
        tables.savings(site),
        quarter_hour.emissions(),
        *quality.quality(),
    )


def _at_a_glance(site: DashboardSite) -> tuple[PanelRow, ...]:
    none: Links = ()
    idle_share = f"{added(USED_IDLE)} / {added(USED)}"
    return tiles(
        number("Energy", "Energy used in the time range.", at_the_end(added(USED), "used"), unit="kwatth", links=none),
        number(
            "Cost",
            "Cost of this energy: each minute at the price of its tariff band.",
            at_the_end(added(COST), "cost"),
            unit=site.money,
            links=none,
        ).decimals(0),
        number(
            "Idle cost",
            "Cost of the energy of idle machines, which were on and produced nothing.",
            at_the_end(added(COST_OF_IDLE), "cost"),
            unit=site.money,
            links=none,
        ).decimals(0),
        number(
            "Idle share",
            "The share of all energy that machines used while idle.",
            at_the_end(idle_share, "share"),
            unit="percentunit",
            meaning=more_is_worse(notice=0.15, critical=0.3),
            links=none,
        ).decimals(1),
        number(
            "Peak",
            "The highest mean power over a full quarter hour in the time range: the basis of demand charges. Known "
            "after a full quarter hour.",
            at_the_end(peak(), "peak"),
            unit="watt",
            links=none,
        ).no_value("not yet"),
        number(
            "Price",
            "Current price of a kilowatt hour, and the tariff band.",
            at_the_end("plant:tariff_price_per_kwh:active", "{{band}}"),
            unit=site.money,
            links=none,
        ).decimals(2),
    )
