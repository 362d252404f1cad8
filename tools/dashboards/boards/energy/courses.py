"""Power and energy over time: compared with shifts and tariff bands, by line and by type."""

from typing import Final

from grafana_foundation_sdk.builders import timeseries

from tools.dashboards.kit import links
from tools.dashboards.kit.energy_terms import COST, USED, USED_IDLE, added, kept, power
from tools.dashboards.kit.frame import DashboardSite, PanelRow, panel_row
from tools.dashboards.kit.panels import Links, bars, by_name, by_type, course, stacked, timeline
from tools.dashboards.kit.queries import over_time
from tools.dashboards.kit.wording.colours import GOOD, MUTED, STATES, painted, words

TO_PLANT: Final[Links] = (links.to_dashboard("Plant overview", links.PLANT),)
AFTER_A_QUARTER: Final = "Known after a full quarter hour."
PER_STEP: Final = "$__interval"
"""Amounts are summed over exactly one step of the chart, so the bars add up to the total."""


def load(site: DashboardSite) -> PanelRow:
    """The load curve; below it the shifts and the tariff bands."""
    return panel_row(
        8,
        (
            by_name(
                stacked(
                    course(
                        "Load curve",
                        "Active power of each line, stacked: the top edge is the whole plant.",
                        over_time(power("line"), "{{line}}"),
                        unit="watt",
                        links=TO_PLANT,
                    )
                ),
                site.lines,
            ).min(0),
            12,
        ),
        (
            timeline(
                "Shifts",
                "When people were at work on each line. Load outside these hours may be waste.",
                over_time('max by (line) (line:in_shift:max{line=~"$line"})', "{{line}}"),
                unit="short",
                links=TO_PLANT,
            ).mappings(words(("1", "at work", GOOD), ("0", "off work", MUTED))),
            12,
        ),
        heading="Load",
    )


def amounts(site: DashboardSite) -> PanelRow:
    """Energy by type, by use and by tariff band, hour by hour."""
    of_idling = added(USED_IDLE, window=PER_STEP)
    return panel_row(
        8,
        (
            by_type(
                bars(
                    course(
                        "Energy by type",
                        "Energy used by each type of machine.",
                        over_time(added(USED, window=PER_STEP, by="device_type"), "{{device_type}}"),
                        unit="kwatth",
                        links=(),
                    )
                ),
                site.types,
            )
            .min(0)
            .interval("15m")
            .no_value(AFTER_A_QUARTER),
            8,
        ),
        (
            bars(
                course(
                    "Idle and productive energy",
                    "Energy that machines used while idle, and while working.",
                    over_time(f"{added(USED, window=PER_STEP)} - {of_idling}", "at work"),
                    over_time(of_idling, "idle"),
                    unit="kwatth",
                    links=(),
                )
            )
            .with_override(*painted("at work", STATES["running"]))
            .with_override(*painted("idle", STATES["idle"]))
            .min(0)
            .interval("15m")
            .no_value(AFTER_A_QUARTER),
            8,
        ),
        (
            bars(
                course(
                    "Cost by tariff band",
                    "Cost of the energy in each tariff band.",
                    over_time(added(COST, window=PER_STEP, by="band"), "{{band}}"),
                    unit=site.money,
                    links=(),
                )
            )
            .min(0)
            .interval("15m")
            .no_value(AFTER_A_QUARTER),
            8,
        ),
        heading="Energy and cost",
    )


def years(site: DashboardSite) -> PanelRow:
    """Days and months from the ledger: they include people's decisions, and are kept for years."""
    energy = "Energy of each line "
    cost = "What it cost, at the prices of its time."
    return panel_row(
        8,
        _kept(
            site, "Energy by day", f"{energy}on each of the last 30 days.", what="day_kwh", unit="kwatth", since="30d"
        ),
        _kept(site, "Cost by day", cost, what="day_cost", unit=site.money, since="30d"),
        _kept(
            site, "Energy by month", f"{energy}in the last 13 months.", what="month_kwh", unit="kwatth", since="396d"
        ),
        _kept(site, "Cost by month", cost, what="month_cost", unit=site.money, since="396d"),
        heading="Days and months",
    )


def _kept(
    site: DashboardSite, title: str, description: str, *, what: str, unit: str, since: str
) -> tuple[timeseries.Panel, int]:
    explained = f"{description} From the ledger: the same numbers as on the bill, with what people decided."
    panel = bars(course(title, explained, over_time(kept(what, by="line"), "{{line}}"), unit=unit, links=TO_PLANT))
    panel = by_name(panel, site.lines)
    return (
        panel.min(0)
        .interval("1d")
        .time_from(since)
        .hide_time_override(True)
        .no_value("The ledger has no data for this time."),
        6,
    )
