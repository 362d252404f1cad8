"""What has happened to the machines."""

from typing import Final

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import DashboardSite, PanelRow, panel_row
from tools.dashboards.kit.panels import bars, by_name, course, crowded, listing, number
from tools.dashboards.kit.queries import LINES, at_the_end, or_away, over_time, rows
from tools.dashboards.kit.tables import KIND, PanelColumn, coded, linked, look, measured, with_columns
from tools.dashboards.kit.wording.colours import CRITICAL, RISK, dashed

OF_ROW: Final = "${__data.fields.device_id}"


def courses(site: DashboardSite) -> PanelRow:
    """Risk over time, and the number of failures."""
    failures = f"sum_over_time(line_type:failures:increase1m{{{LINES}}}[$__interval])"
    risk = f"device:failure_probability_ratio:max{{{LINES}}}"
    return panel_row(
        8,
        (
            crowded(
                course(
                    "Ten highest risks",
                    "Failure probability of the ten machines with the highest risk at each moment.",
                    over_time(f"topk(10, {risk})", "{{device_id}}"),
                    over_time("max(energytrack_model_threshold_ratio)", "the model's threshold"),
                    unit="percentunit",
                    meaning=RISK,
                    links=(links.to_device(), links.to_orders()),
                )
            )
            .with_override(*dashed("the model's threshold", CRITICAL))
            .min(0)
            .max(1),
            14,
        ),
        (
            by_name(
                bars(
                    course(
                        "Failures by line",
                        "How many machines failed in each quarter of an hour, or longer interval.",
                        over_time(f"sum by (line) ({failures}) > 0", "{{line}}"),
                        unit="short",
                        links=(links.to_dashboard("Plant overview", links.PLANT),),
                    )
                ),
                site.lines,
            )
            .min(0)
            .decimals(0)
            .interval("15m")
            .no_value("No failure."),
            10,
        ),
        heading="History",
    )


def reliability() -> PanelRow:
    """How often machines fail and how long repairs take, by type, over the last 30 days."""

    def of_month(what: str, by: str) -> str:
        return f"sum{by} (sum_over_time(line_type:{what}:increase1m{{{LINES}}}[30d]))"

    def between(by: str) -> str:
        return f"{of_month('work_seconds', by)} / ({of_month('failures', by)} > 0)"

    def repair(by: str) -> str:
        return f"({of_month('down_seconds', by)} > 0) / ({of_month('failures', by)} > 0)"

    by_type = " by (device_type)"
    return panel_row(
        7,
        (
            number(
                "MTBF",
                "Mean time between failures: hours in operation (working or idle) per failure, in the last 30 days.",
                at_the_end(between(""), "between failures"),
                unit="s",
                links=(),
            ).no_value("no failure"),
            4,
        ),
        (
            number(
                "MTTR",
                "Mean time to repair: time from a failure until the machine can work again, in the last 30 days.",
                at_the_end(repair(""), "to repair"),
                unit="s",
                links=(),
            ).no_value("no repair"),
            4,
        ),
        (
            with_columns(
                listing(
                    "Reliability by type",
                    "Failures of the last 30 days, the time between them, and the time that repairs took, by type.",
                    rows(of_month("failures", by_type), "failures"),
                    rows(between(by_type), "mtbf"),
                    rows(repair(by_type), "mttr"),
                    unit="short",
                    links=(),
                ),
                KIND,
                measured("failures", "Failures", unit="short", decimals=0),
                measured("mtbf", "Between failures", unit="s"),
                measured("mttr", "To repair", unit="s"),
                sorted_by="Failures",
            ),
            16,
        ),
        heading="Reliability",
    )


def happenings() -> PanelRow:
    """The newest failures, warnings and repairs."""

    def newest(metric: str, label: str) -> str:
        when = f"1000 * energytrack_device_last_{metric}_timestamp_seconds{{{LINES}}}"
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
                    listing(
                        title,
                        description,
                        rows(or_away(newest(metric, label), "exporters", said_as="device_id"), "when"),
                        unit="short",
                        links=(),
                    ).no_value(empty),
                    linked("device_id", "Machine", links.to_device(OF_ROW), shown="Machine", width=84),
                    coded(label, label.capitalize()),
                    PanelColumn("Value #when", "When", (look("unit", "dateTimeFromNow"), look("custom.width", 112))),
                ),
                8,
            )
            for title, description, metric, label, empty in tables
        ),
    )
