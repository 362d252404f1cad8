"""Quality of the energy data: how much of the time is measured, and which meters need to be checked."""

from typing import Final

from tools.dashboards.kit import links
from tools.dashboards.kit.colours import NOTICE, steps
from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.panels import listing, number
from tools.dashboards.kit.queries import LINES, MACHINES, at_the_end, or_zero, rows
from tools.dashboards.kit.tables import Column, linked, measured, with_columns

OF_ROW: Final = "${__data.fields.device_id}"


def known(basis: str) -> str:
    """The share of the machines' time with this basis."""
    over = f"sum_over_time(line_type:energy_coverage_seconds:increase1m{{{LINES}{{}}}}[$__range])"
    part = over.replace("{}", f',basis=~"{basis}"')
    return f"({or_zero(f'sum({part})', 'exporters')}) / sum({over.replace('{}', '')})"


def quality() -> PanelRow:
    """Coverage, suspect energy, and the meters that cause it."""
    suspect = (
        "sum by (device_id, device_type, line) "
        f'(sum_over_time(device:energy_by_verdict_kwh:increase1m{{{MACHINES},verdict="suspect"}}[$__range]))'
    )
    trusted = f"min by (device_id, device_type, line) (energytrack_device_meter_trusted{{{MACHINES}}})"
    doubtful = f"({suspect} > 0) or on (device_id) (0 * ({trusted} == 0))"
    meters = with_columns(
        listing(
            "Meters to check",
            "Machines with energy that is not billed because it is suspect, or with a meter that is not trusted now.",
            rows(doubtful, "suspect"),
            rows(f"{trusted} and on (device_id) {doubtful}", "trusted"),
            unit="short",
            links=(),
        ),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine"),
        Column("line", "Line"),
        Column("device_type", "Type"),
        measured("suspect", "Suspect energy", unit="kwatth", decimals=1),
        measured("trusted", "Meter trusted", unit="bool_yes_no", decimals=0),
    )
    return panel_row(
        6,
        (
            number(
                "Measured",
                "The share of the machines' time in which energy is measured by registers, including gaps between two"
                " good registers.",
                at_the_end(known("measured|bridged"), "share"),
                unit="percentunit",
                links=(),
            ).decimals(1),
            4,
        ),
        (
            number(
                "Estimated",
                "The share of the time in which energy is estimated from the current and the ratings of the type.",
                at_the_end(known("estimated"), "share"),
                unit="percentunit",
                links=(),
            ).decimals(1),
            4,
        ),
        (
            number(
                "Unknown",
                "The share of the time in which the energy used is unknown. It is in no total.",
                at_the_end(known("unknown"), "share"),
                unit="percentunit",
                meaning=steps("semi-dark-green", (0.01, NOTICE)),
                links=(),
            ).decimals(1),
            4,
        ),
        (meters, 12),
        heading="Data quality",
    )
