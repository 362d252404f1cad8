"""Quality of the energy data: how much of the time is measured, and which meters need to be checked."""

from typing import Final

from grafana_foundation_sdk.builders import stat

from tools.dashboards.kit import links
from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.panels import listing, number
from tools.dashboards.kit.queries import LINES, at_the_end, or_away, or_zero, rows
from tools.dashboards.kit.tables import KIND, PanelColumn, linked, measured, with_columns
from tools.dashboards.kit.wording.colours import NOTICE, steps
from tools.dashboards.kit.wording.money import KILOWATT_HOURS

OF_ROW: Final = "${__data.fields.device_id}"


def known_share(basis: str) -> str:
    """The share of the machines' time with this basis."""
    over = f"sum_over_time(line_type:energy_coverage_seconds:increase1m{{{LINES}{{}}}}[$__range])"
    part = over.replace("{}", f',basis=~"{basis}"')
    return f"({or_zero(f'sum({part})', 'exporters')}) / sum({over.replace('{}', '')})"


def undecided() -> str:
    """Suspect energy of this month and the one before that waits for a decision."""
    return f'sum(sum_over_time(energytrack_ledger_month_suspect_kwh{{source="ledger",{LINES}}}[62d]))'


def suspect_energy() -> stat.Panel:
    """The energy that waits for a decision, with a link to decide."""
    return number(
        "Suspect energy",
        "Energy of the last two months that no machine can have used. It counts nowhere until somebody decides: click.",
        at_the_end(undecided(), "waiting"),
        unit="kwatth",
        meaning=steps("semi-dark-green", (0.001, NOTICE)),
        links=(links.decide(),),
    ).no_value("not known")


def energy_known() -> stat.Panel:
    """The share of the time in which energy is known."""
    return number(
        "Energy known",
        "The share of the machines' time for which energy is known, measured or estimated. The rest is in no total.",
        at_the_end(known_share("measured|bridged|estimated"), "share"),
        unit="percentunit",
        links=(links.to_dashboard("Energy", links.ENERGY),),
    ).decimals(1)


def quality() -> tuple[PanelRow, PanelRow]:
    """Coverage, suspect energy, and the meters behind it."""
    suspect = (
        "sum by (device_id, device_type, line) "
        f'(sum_over_time(device:energy_by_verdict_kwh:increase1m{{{LINES},verdict="suspect"}}[$__range]))'
    )
    trusted = f"min by (device_id, device_type, line) (energytrack_device_meter_trusted{{{LINES}}})"
    doubtful = f"({suspect} > 0) or on (device_id) (0 * ({trusted} == 0))"
    trusted_again = f'label_replace(({doubtful}) and on (device_id) ({trusted} == 1), "meter", "trusted again", "", "")'
    not_trusted = f'label_replace(({doubtful}) unless on (device_id) ({trusted} == 1), "meter", "not trusted", "", "")'
    meters = with_columns(
        listing(
            "Meters to check",
            "Machines with energy that is not billed because it is suspect, or with a meter that is not trusted now.",
            rows(or_away(f"{trusted_again} or {not_trusted}", "exporters", said_as="device_id"), "suspect"),
            unit="short",
            links=(),
        ).no_value("Every meter is trusted, and no energy is suspect."),
        linked(
            "device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), links.decide(), shown="Machine"
        ),
        PanelColumn("line", "Line"),
        KIND,
        measured("suspect", "Suspect energy", unit=KILOWATT_HOURS, decimals=1),
        PanelColumn("meter", "Meter"),
    )
    numbers = panel_row(
        4,
        (
            number(
                "Time measured",
                "The share of the machines' time in which energy is measured by registers, including gaps between two"
                " good registers.",
                at_the_end(known_share("measured|bridged"), "share"),
                unit="percentunit",
                links=(),
            ).decimals(1),
            6,
        ),
        (
            number(
                "Time estimated",
                "The share of the time in which energy is estimated from the current and the ratings of the type.",
                at_the_end(known_share("estimated"), "share"),
                unit="percentunit",
                links=(),
            ).decimals(1),
            6,
        ),
        (
            number(
                "Time unknown",
                "The share of the time in which the energy used is unknown. It is in no total.",
                at_the_end(known_share("unknown"), "share"),
                unit="percentunit",
                meaning=steps("semi-dark-green", (0.01, NOTICE)),
                links=(),
            ).decimals(1),
            6,
        ),
        (suspect_energy(), 6),
        heading="Data quality",
    )
    return numbers, panel_row(6, (meters, 24))
