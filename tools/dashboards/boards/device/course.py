"""The time series of one machine: its signals, power, predictions and events."""

from typing import Final

from grafana_foundation_sdk.builders import bargauge

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import DashboardSite, PanelRow, panel_row
from tools.dashboards.kit.machines import per_machine, state_number, state_words, stop_words
from tools.dashboards.kit.panels import course, listing, number, ranking, timeline
from tools.dashboards.kit.queries import MACHINE, at_the_end, or_away, or_unknown, over_time, rows
from tools.dashboards.kit.tables import PanelColumn, coded, look, with_columns
from tools.dashboards.kit.wording import codes, reasons
from tools.dashboards.kit.wording.colours import CRITICAL, MUTED, NOTICE, PLAIN, dashed, painted

ACT: Final = (links.to_orders("${device}"),)


def signals() -> PanelRow:
    """The three signals and their limits."""
    limit = "max by (device_type) (energytrack_type_{limit}) and on (device_type) energytrack_device_info{{{machine}}}"
    return panel_row(
        8,
        (
            course(
                "Temperature",
                "Temperature of the machine, and the limit of its type.",
                over_time(per_machine(f"energytrack_device_temperature_celsius{{{MACHINE}}}"), "temperature"),
                over_time(limit.format(limit="temperature_limit_celsius", machine=MACHINE), "limit"),
                unit="celsius",
                links=ACT,
            ).with_override(*dashed("limit", CRITICAL)),
            8,
        ),
        (
            course(
                "Pressure",
                "Pressure of the hydraulic or pneumatic circuit, and the minimum for a running machine.",
                over_time(f"{per_machine(f'energytrack_device_pressure_pascals{{{MACHINE}}}')} / 1e5", "pressure"),
                over_time(f"({limit.format(limit='pressure_minimum_pascals', machine=MACHINE)}) / 1e5", "minimum"),
                unit="pressurebar",
                links=ACT,
            )
            .with_override(*dashed("minimum", CRITICAL))
            .min(0),
            8,
        ),
        (
            course(
                "Current",
                "Current, RMS per phase.",
                over_time(per_machine(f"energytrack_device_current_amperes{{{MACHINE}}}"), "current"),
                unit="amp",
                links=ACT,
            ).min(0),
            8,
        ),
        heading="Signals",
    )


def use() -> PanelRow:
    """The machine's power and states."""
    rated = "max by (device_type) (energytrack_type_{}_power_watts) and on (device_type) energytrack_device_info{{{}}}"
    return panel_row(
        7,
        (
            course(
                "Power",
                "Active power, compared with the type's power at full load and when idle.",
                over_time(per_machine(f"energytrack_device_power_watts{{{MACHINE}}}"), "power"),
                over_time(rated.format("rated", MACHINE), "full load"),
                over_time(rated.format("idle", MACHINE), "idle"),
                unit="watt",
                links=ACT,
            )
            .with_override(*dashed("full load", MUTED))
            .with_override(*dashed("idle", NOTICE))
            .min(0),
            12,
        ),
        (
            timeline(
                "States",
                "The machine's states over time.",
                over_time(state_number(MACHINE), "state"),
                unit="short",
                links=ACT,
            ).mappings(state_words()),
            12,
        ),
        heading="Power and states",
    )


def expectation() -> PanelRow:
    """The predictions, and the reasons for them."""
    return panel_row(
        8,
        (
            course(
                "Failure probability",
                "Probability of a failure within the model's horizon. Maintenance is alerted above the dashed "
                "line. *Unlike normal*: how far the machine is from normal operation, whatever failures are on record.",
                over_time(
                    per_machine(f"energytrack_device_failure_probability_ratio{{{MACHINE}}}"), "failure probability"
                ),
                over_time("max(energytrack_model_threshold_ratio)", "alarm threshold"),
                over_time(per_machine(f"energytrack_device_novelty_ratio{{{MACHINE}}}"), "unlike normal"),
                unit="percentunit",
                links=(links.to_dashboard("Model health", links.MODEL, choices=False),),
            )
            .min(0)
            .max(1)
            .with_override(*painted("failure probability", PLAIN))
            .with_override(*dashed("alarm threshold", CRITICAL))
            .with_override(*painted("unlike normal", NOTICE)),
            7,
        ),
        (
            _in_words(
                ranking(
                    "Reasons for the risk",
                    "The factors that raise the failure probability most now, and by how much. A negative value "
                    "lowers it.",
                    at_the_end(
                        or_away(
                            f"sort_desc(max by (feature) (energytrack_device_failure_factor_ratio{{{MACHINE}}}))",
                            "exporters",
                            said_as="feature",
                        ),
                        "{{feature}}",
                    ),
                    unit="percentunit",
                    links=ACT,
                )
                .decimals(0)
                .no_value("No factor stands out.")
            ),
            7,
        ),
        (
            number(
                "Time left",
                "Time until the machine fails: of ten machines in such a state, eight failed within this interval. "
                "It has no end if that lies beyond the model's record; unknown if too few failures are on record.",
                at_the_end(
                    or_unknown(f"max(energytrack_device_remaining_life_at_least_seconds{{{MACHINE}}})"), "at least"
                ),
                at_the_end(
                    or_unknown(f"max(energytrack_device_remaining_life_at_most_seconds{{{MACHINE}}})"), "at most"
                ),
                unit="s",
                links=ACT,
            ).decimals(0),
            5,
        ),
        (
            _of_codes(
                ranking(
                    "If it fails",
                    "The likeliest failure modes, while the machine is at risk.",
                    at_the_end(
                        or_away(
                            f"sort_desc(max by (mode) (energytrack_device_failure_mode_ratio{{{MACHINE}}}))",
                            "exporters",
                            said_as="mode",
                        ),
                        "{{mode}}",
                    ),
                    unit="percentunit",
                    links=ACT,
                )
                .decimals(0)
                .no_value("Not at risk.")
            ),
            5,
        ),
        heading="Prediction",
    )


def when_to_stop(site: DashboardSite) -> PanelRow:
    """The times to stop a machine at risk, by expected cost."""
    cost = f"energytrack_device_stop_expected_cost{{{MACHINE}}}"
    at = f"energytrack_device_stop_timestamp_seconds{{{MACHINE}}}"
    return panel_row(
        6,
        (
            with_columns(
                listing(
                    "When to stop it",
                    "Expected cost of each time to stop, including failures before it. Shown while the machine is "
                    "at risk, if its remaining life and the costs of a stop are known.",
                    rows(f"sort({or_away(f'max by (option) ({cost})', 'exporters', said_as='option')})", "cost"),
                    rows(f"max by (option) (1000 * {at})", "when"),
                    unit="short",
                    links=ACT,
                ).no_value("Not at risk, or its remaining life or costs are not known."),
                PanelColumn("option", "Stop", (look("mappings", stop_words()), look("custom.minWidth", 150))),
                PanelColumn("Value #cost", "Expected cost", (look("unit", site.money), look("decimals", 0))),
                PanelColumn("Value #when", "When", (look("unit", "dateTimeAsIsoNoDateIfToday"),)),
            ),
            16,
        ),
        (
            _of_codes(
                ranking(
                    "What to inspect first",
                    "The components that are likeliest to fail, while the machine is at risk.",
                    at_the_end(
                        or_away(
                            f"sort_desc(max by (component) (energytrack_device_failure_component_ratio{{{MACHINE}}}))",
                            "exporters",
                            said_as="component",
                        ),
                        "{{component}}",
                    ),
                    unit="percentunit",
                    links=ACT,
                )
                .decimals(0)
                .no_value("Not at risk, or components are not on record.")
            ),
            8,
        ),
    )


def _in_words(panel: bargauge.Panel) -> bargauge.Panel:
    for renaming in reasons.in_names():
        panel = panel.with_transformation(renaming)
    return panel


def _of_codes(panel: bargauge.Panel) -> bargauge.Panel:
    for renaming in codes.in_names():
        panel = panel.with_transformation(renaming)
    return panel


def past() -> PanelRow:
    """The machine's past events."""

    def last(metric: str, label: str) -> str:
        return f"max by ({label}) (1000 * energytrack_device_last_{metric}_timestamp_seconds{{{MACHINE}}})"

    tables = (
        ("Failures", "When the machine last failed in each way.", "failure", "mode", "No failure known."),
        ("Warnings", "When its controller last gave each warning.", "fault_code", "code", "No warning known."),
        ("Maintenance", "When each component was last repaired.", "maintenance", "component", "No repair known."),
    )
    return panel_row(
        6,
        *(
            (
                with_columns(
                    listing(
                        title,
                        description,
                        rows(or_away(last(metric, label), "exporters", said_as=label), "when"),
                        unit="short",
                        links=ACT,
                    ).no_value(empty),
                    coded(label, label.capitalize()),
                    PanelColumn("Value #when", "Last", (look("unit", "dateTimeFromNow"), look("custom.minWidth", 130))),
                ),
                8,
            )
            for title, description, metric, label, empty in tables
        ),
        heading="History",
    )
