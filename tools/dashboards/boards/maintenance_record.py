"""What has happened to the machines."""

from typing import Final

from tools.dashboards.kit import links
from tools.dashboards.kit.colours import RISK
from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.panels import bars, course, crowded, listing
from tools.dashboards.kit.queries import LINES, MACHINES, over_time, rows
from tools.dashboards.kit.tables import Column, linked, look, with_columns

OF_ROW: Final = "${__data.fields.device_id}"


def courses() -> PanelRow:
    """Risk over time, and the number of failures."""
    risk = f"device:failure_probability_ratio:max{{{MACHINES}}}"
    return panel_row(
        8,
        (
            crowded(
                course(
                    "Ten highest risks",
                    "Failure probability of the ten machines with the highest risk at each moment.",
                    over_time(f"topk(10, {risk})", "{{device_id}}"),
                    unit="percentunit",
                    meaning=RISK,
                    links=(links.to_device(), links.to_orders()),
                )
            )
            .min(0)
            .max(1),
            14,
        ),
        (
            bars(
                course(
                    "Failures by line",
                    "How many machines failed in each quarter of an hour, or longer interval.",
                    over_time(
                        f"sum by (line) (increase(energytrack_device_failures_total{{{LINES}}}[$__rate_interval])) > 0",
                        "{{line}}",
                    ),
                    unit="short",
                    links=(links.to_dashboard("Plant overview", links.PLANT),),
                )
            )
            .min(0)
            .decimals(0)
            .interval("15m")
            .no_value("No failure."),
            10,
        ),
        heading="History",
    )


def happenings() -> PanelRow:
    """The newest failures, warnings and repairs."""

    def newest(metric: str, label: str) -> str:
        when = f"1000 * energytrack_device_last_{metric}_timestamp_seconds{{{MACHINES}}}"
        return f"topk(25, max by (device_id, {label}) ({when}))"

    tables = (
        (
            "Latest failures",
            "The latest failures, and their modes.",
            "failure",
            "mode",
            "No failure known.",
        ),
        (
            "Latest warnings",
            "The latest fault codes from machines' controllers.",
            "fault_code",
            "code",
            "No warning known.",
        ),
        ("Latest repairs", "The latest repairs, by component.", "maintenance", "component", "No repair known."),
    )
    return panel_row(
        8,
        *(
            (
                with_columns(
                    listing(title, description, rows(newest(metric, label), "when"), unit="short", links=()).no_value(
                        empty
                    ),
                    linked("device_id", "Machine", links.to_device(OF_ROW), shown="Machine"),
                    Column(label, label.capitalize()),
                    Column("Value #when", "When", (look("unit", "dateTimeFromNow"),)),
                ),
                8,
            )
            for title, description, metric, label, empty in tables
        ),
    )
