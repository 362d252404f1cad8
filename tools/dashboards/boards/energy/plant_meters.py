"""Plant meters: amounts, unmetered rest, and base load at night."""

from typing import Final

from grafana_foundation_sdk.builders import timeseries

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.panels import Links, by_day, course
from tools.dashboards.kit.queries import over_time

TO_PAGE: Final[Links] = (links.quarter_hour(),)
ELECTRICITY: Final = 'medium="electricity"'
NOTHING: Final = "No meters in plant.toml, or nothing is known of them."


def meters() -> PanelRow:
    """Main meters and other media by day, from the ledger; absent if one side is unknown."""
    return panel_row(
        8,
        (
            _by_day(
                "Main meters",
                "What each meter of electricity counted on each of the last 30 days, and what the meters and machines "
                "directly below it used in the quarter hours of which both sides are known.",
                (_kept("used", ELECTRICITY), "{{meter}}"),
                (_kept("below", ELECTRICITY), "below {{meter}}"),
                unit="kwatth",
            ),
            6,
        ),
        (
            _by_day(
                "Unmetered rest",
                "What nothing below a meter meters. Absent where one side is unknown; negative where those below count "
                "more than their meter: check its factor and what hangs on it.",
                (_kept("rest", ELECTRICITY), "{{meter}}"),
                unit="kwatth",
            ),
            6,
        ),
        (
            _by_day(
                "Night base load",
                "Power of the lowest hour between midnight and six: of each meter of electricity, and of its unmetered "
                "rest.",
                (_kept("base_load", ELECTRICITY), "{{meter}}"),
                (_kept("rest_base_load", ELECTRICITY), "rest of {{meter}}"),
                unit="kwatt",
            ),
            6,
        ),
        (
            _by_day(
                "Other media",
                "What each meter of gas, compressed air, water, heat or another medium counted by day, in its unit.",
                (_kept("used", 'medium!="electricity"'), "{{meter}}, {{unit}}"),
                unit="short",
            ),
            6,
        ),
        heading="Meters",
    )


def _kept(what: str, which: str) -> str:
    series = f'energytrack_ledger_day_meter_{what}{{source="ledger",{which}}}'
    return f"max by (meter, unit) (last_over_time({series}[1d] offset -1d))"


def _by_day(title: str, description: str, *queries: tuple[str, str], unit: str) -> timeseries.Panel:
    drawn = [over_time(expression, legend) for expression, legend in queries]
    panel = by_day(course(title, description, *drawn, unit=unit, links=TO_PAGE))
    return panel.time_from("30d").hide_time_override(True).no_value(NOTHING)
