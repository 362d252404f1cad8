"""The current quarter hour: its forecast and cost; and emissions by both methods."""

from typing import Final

from grafana_foundation_sdk.builders import stat

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import DashboardSite, PanelRow, panel_row
from tools.dashboards.kit.panels import Links, course, number
from tools.dashboards.kit.queries import LINES, at_the_end, over_time
from tools.dashboards.kit.wording.colours import CRITICAL, steps

TO_PAGE: Final[Links] = (links.quarter_hour(),)
NONE: Final[Links] = ()


def forecast(site: DashboardSite) -> PanelRow:
    """The forecast and the peak that is paid for, with the interval and the past error."""
    return panel_row(
        7,
        (
            course(
                "Quarter hour: forecast",
                "Mean power of the running quarter hour when it ends, with the range in which four of five such "
                "forecasts ended, and the power up to which it costs nothing more.",
                over_time("plant:peak_forecast_watts:max", "forecast"),
                over_time("plant:peak_forecast_low_watts:max", "low"),
                over_time("plant:peak_forecast_high_watts:max", "high"),
                over_time("plant:peak_limit_watts:max", "paid for"),
                unit="watt",
                links=TO_PAGE,
            ).no_value("A forecast begins with the next quarter hour."),
            12,
        ),
        (_cost(site), 6),
        (
            number(
                "Forecast error",
                "Mean absolute error of the last week's forecasts at this minute of the quarter hour.",
                at_the_end("plant:peak_forecast_past_error_watts:max", "error"),
                unit="watt",
                links=NONE,
            ).no_value("not known yet"),
            6,
        ),
        heading="The quarter hour that costs",
    )


def _cost(site: DashboardSite) -> stat.Panel:
    return (
        number(
            "Adds to the bill",
            "What the running quarter hour adds to the bill if it ends as forecast, without taxes. Click: which "
            "machines may wait.",
            at_the_end("plant:peak_forecast_cost:max", "cost"),
            unit=site.money,
            meaning=steps("semi-dark-green", (0.01, CRITICAL)),
            links=TO_PAGE,
        )
        .decimals(0)
        .no_value("no price of power")
    )


def emissions() -> PanelRow:
    """Location-based and market-based emissions."""
    return panel_row(4, (_emitted("location", "grid"), 12), (_emitted("market", "contract"), 12), heading="Emissions")


def _emitted(basis: str, what: str) -> stat.Panel:
    by_type = f'line_type:emissions_kg:increase1m{{{LINES},basis="{basis}"}}'
    return number(
        f"Emissions, {basis}-based",
        f"kg CO2e of the energy in the time range, by the factor of the {what}. Not known without factors in the plant "
        "file.",
        at_the_end(f"sum(sum_over_time({by_type}[$__range]))", "kg"),
        unit="masskg",
        links=NONE,
    ).no_value("no emission factors")
