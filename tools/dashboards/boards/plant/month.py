"""The cost of the month: so far, at its end, and against yesterday and last week; from the ledger, as on the bill."""

from typing import Final

from grafana_foundation_sdk.builders import stat

from tools.dashboards.kit import links
from tools.dashboards.kit.energy_terms import (
    month_ahead,
    of_last_days,
    of_month,
    of_today,
    of_yesterday,
    only_since,
)
from tools.dashboards.kit.frame import DashboardSite, PanelRow, height_of_table, panel_row
from tools.dashboards.kit.panels import Links, listing, number
from tools.dashboards.kit.queries import at_the_end, rows
from tools.dashboards.kit.tables import linked, measured, with_columns
from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, MUTED, NOTICE, steps, words
from tools.dashboards.kit.wording.money import KILOWATT_HOURS

TO_ENERGY: Final[Links] = (links.to_dashboard("Energy", links.ENERGY),)
NO_BUDGET: Final = "none"
IN_A_DAY: Final = "in a day"
AHEAD_NOT_KNOWN: Final = -1
"""Shown instead of a share, if there is a budget but no forecast to compare with it yet."""


def month(site: DashboardSite) -> PanelRow:
    """Month to date, forecast and budget."""
    budget = "max(energytrack_budget_cost_per_month)"
    of_budget = f"(({month_ahead('cost')}) / on () {budget}) or on () (0 * {budget} + {AHEAD_NOT_KNOWN})"
    return panel_row(
        4,
        (
            _of_month(
                number(
                    "Cost this month",
                    "Cost of all energy since the first of the month, from the ledger: as on the bill.",
                    at_the_end(of_month("cost"), "cost"),
                    unit=site.money,
                    links=TO_ENERGY,
                )
            ).no_value("not yet known"),
            8,
        ),
        (
            _of_month(
                number(
                    "Cost at month end",
                    "Cost of the whole month, if its remaining days are like those of the last week. Known from the "
                    "second day of a plant on.",
                    at_the_end(month_ahead("cost"), "forecast"),
                    unit=site.money,
                    links=TO_ENERGY,
                )
            ).no_value(IN_A_DAY),
            8,
        ),
        (
            _of_month(
                number(
                    "Share of budget",
                    "The forecast as a share of the month's budget: `budget_per_month` of [tariff] in plant.toml, "
                    "if there is one. Known with the forecast.",
                    at_the_end(of_budget, "of budget"),
                    unit="percentunit",
                    meaning=steps(GOOD, (0.95, NOTICE), (1.0, CRITICAL)),
                    links=TO_ENERGY,
                )
            )
            .mappings(words((str(AHEAD_NOT_KNOWN), IN_A_DAY, MUTED)))
            .no_value(NO_BUDGET),
            8,
        ),
        heading="Cost of the month",
    )


def lines(site: DashboardSite) -> PanelRow:
    """Each line beside yesterday and last week."""
    table = with_columns(
        listing(
            "Cost by line",
            "What each line cost today so far, yesterday, in the seven days before today, and this month. *Only since* "
            "is when a line became known, if that is less than 32 days ago: amounts of a time that began before are of "
            "fewer days.",
            rows(of_today("cost", by="line"), "today"),
            rows(of_yesterday("cost", by="line"), "yesterday"),
            rows(of_last_days("cost", by="line"), "week"),
            rows(of_month("cost", by="line"), "month"),
            rows(of_month("kwh", by="line"), "kwh"),
            rows(only_since(by="line"), "since"),
            unit="short",
            links=(),
        )
        .time_from("now/M")
        .hide_time_override(True),
        linked("line", "Line", links.to_line("${__data.fields.Line}"), shown="Line", width=104),
        measured("today", "Today", unit=site.money, decimals=0),
        measured("yesterday", "Yesterday", unit=site.money, decimals=0),
        measured("week", "Last 7 days", unit=site.money, decimals=0),
        measured("month", "This month", unit=site.money, decimals=0),
        measured("kwh", "Month's energy", unit=KILOWATT_HOURS, decimals=1, width=128),
        measured("since", "Only since", unit="time:D MMM, HH:mm"),
    )
    return panel_row(height_of_table(len(site.lines)), (table, 24))


def _of_month(panel: stat.Panel) -> stat.Panel:
    return panel.time_from("now/M").hide_time_override(True).decimals(0)
