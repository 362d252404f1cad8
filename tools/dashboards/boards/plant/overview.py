"""The plant at a glance: what is running, what it costs, what is at risk, and what is wasted."""

from typing import Final

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.common import BigValueTextMode

from tools.dashboards.boards.energy.quality import energy_known, suspect_energy
from tools.dashboards.boards.plant.month import lines, month
from tools.dashboards.kit import annotations, links, variables
from tools.dashboards.kit.energy_terms import (
    BEFORE,
    COST,
    COST_OF_IDLE,
    USED,
    USED_IDLE,
    added,
    added_by_machine,
    power,
)
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row
from tools.dashboards.kit.machines import per_machine, state_number, state_words
from tools.dashboards.kit.panels import Links, by_name, course, listing, number, stacked, with_curve
from tools.dashboards.kit.queries import (
    LINES,
    NONE_SCORED,
    at_the_end,
    or_away,
    or_unknown,
    or_zero,
    or_zero_if_scored,
    over_time,
    rows,
)
from tools.dashboards.kit.states import machines_by_state
from tools.dashboards.kit.tables import PanelColumn, linked, look, ranked, risk_gauge, with_columns, worded
from tools.dashboards.kit.wording.colours import STATES, more_is_worse, painted
from tools.dashboards.kit.wording.money import KILOWATT_HOURS, is_money

TO_ENERGY: Final[Links] = (links.to_dashboard("Energy", links.ENERGY),)
TO_MAINTENANCE: Final[Links] = (links.to_dashboard("Maintenance", links.MAINTENANCE),)
OF_ROW: Final = "${__data.fields.device_id}"


def build(site: DashboardSite) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.PLANT,
            "Plant overview",
            "What is running now, what does it cost, what is at risk of failing, and what is wasted?",
            site=site,
            since="now/d",
            refresh="30s",
            choices=(variables.line(), variables.device_type()),
            marks=(annotations.failures(LINES), annotations.orders(LINES), annotations.models()),
        ),
        _now(),
        _today(site),
        month(site),
        lines(site),
        _trust(),
        _course_and_risk(site),
        _largest(site),
    )


def _now() -> PanelRow:
    by_state = machines_by_state(f'sum(line_type_state:devices:sum{{{LINES},state="STATE"}})', TO_MAINTENANCE)
    return panel_row(
        4,
        (by_state, 8),
        (
            with_curve(
                number(
                    "Power",
                    'Active power of all reporting machines. "As of" shows the time of the newest reading.',
                    over_time(or_unknown(power()), "power"),
                    unit="watt",
                    links=TO_ENERGY,
                )
            ),
            4,
        ),
        (
            with_curve(
                number(
                    "At risk",
                    "Machines at risk of failing within the model's horizon: at or above its threshold.",
                    over_time(
                        or_unknown(or_zero_if_scored(f"sum(line_type:devices_at_risk:sum{{{LINES}}})", LINES)),
                        "at risk",
                    ),
                    unit="short",
                    meaning=more_is_worse(notice=1, critical=10),
                    links=TO_MAINTENANCE,
                )
            ).decimals(0),
            4,
        ),
        (
            with_curve(
                number(
                    "Alarms",
                    "Alarms that have not been acknowledged yet.",
                    over_time(
                        or_unknown(
                            or_zero(f'sum(energytrack_device_alarm_state{{{LINES},state="active"}})', "control_api")
                        ),
                        "waiting",
                    ),
                    unit="short",
                    meaning=more_is_worse(notice=1, critical=10),
                    links=(links.operators(),),
                )
            ).decimals(0),
            4,
        ),
        (
            number(
                "As of",
                "Time of the newest reading of any machine: all other numbers are as of this time.",
                at_the_end(f"max(device:last_reading_timestamp_seconds:max{{{LINES}}}) * 1000", "as of"),
                unit="time:HH:mm",
                links=TO_MAINTENANCE,
            ),
            4,
        ),
    )


def _today(site: DashboardSite) -> PanelRow:
    return panel_row(
        4,
        *(
            (
                _whole(
                    unit,
                    number(
                        title,
                        f"{explained} since midnight, compared with the same hours of yesterday and a week ago.",
                        *(at_the_end(added(what, before=before), name) for before, name in BEFORE),
                        unit=unit,
                        links=TO_ENERGY,
                    ),
                )
                .time_from("now/d")
                .hide_time_override(True)
                .text_mode(BigValueTextMode.VALUE_AND_NAME)
                .no_value("not yet known"),
                8,
            )
            for title, explained, what, unit in (
                ("Energy today", "Energy used by all machines", USED, KILOWATT_HOURS),
                ("Cost today", "Cost of that energy, each minute at the price of its tariff band,", COST, site.money),
                ("Idle energy today", "Energy that machines used while idle", USED_IDLE, KILOWATT_HOURS),
            )
        ),
    )


def _whole(unit: str, panel: stat.Panel) -> stat.Panel:
    """Amounts of money without decimals; days of energy with one, so that those of a small plant can be compared."""
    return panel.decimals(0 if is_money(unit) else 1)


def _trust() -> PanelRow:
    """How reliable the numbers above are, with links to decide about the rest."""
    since_midnight = energy_known().time_from("now/d").hide_time_override(True)
    return panel_row(3, (since_midnight.title("Energy known today"), 12), (suspect_energy(), 12))


def _course_and_risk(site: DashboardSite) -> PanelRow:
    risk = f"topk(8, {per_machine(f'device:failure_probability_ratio:max{{{LINES}}}')})"
    table = with_columns(
        listing(
            "Highest risks",
            "The eight machines most likely to fail.",
            rows(risk, "risk"),
            rows(f"{state_number(LINES)} and on (device_id) {risk}", "state"),
            unit="short",
            links=(),
        ).no_value(NONE_SCORED),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=104),
        risk_gauge(),
        worded("state", "State", state_words()),
        PanelColumn("line", "Line", (look("custom.width", 104),)),
    )
    return panel_row(
        10,
        (
            by_name(
                stacked(
                    course(
                        "Power by line",
                        "Active power of each line, stacked: the top edge is the whole plant.",
                        over_time(power("line"), "{{line}}"),
                        unit="watt",
                        links=TO_ENERGY,
                    )
                ),
                site.lines,
            ).min(0),
            14,
        ),
        (table, 10),
    )


def _largest(site: DashboardSite) -> PanelRow:
    by_state = stacked(
        course(
            "States over time",
            "The number of machines in each state over time.",
            over_time(f"sum by (state) (line_type_state:devices:sum{{{LINES}}})", "{{state}}"),
            unit="short",
            links=TO_MAINTENANCE,
        )
    ).min(0)
    for state, colour in STATES.items():
        by_state = by_state.with_override(*painted(state, colour))
    return panel_row(
        10,
        (by_state, 10),
        (
            with_columns(
                listing(
                    "Top consumers today",
                    "The machines that used most energy since midnight.",
                    rows(or_away(f"topk(8, {added_by_machine(USED)})", "exporters", said_as="device_id"), "amount"),
                    unit="short",
                    links=(),
                )
                .no_value("No energy used yet today.")
                .time_from("now/d")
                .hide_time_override(True),
                linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine"),
                ranked("Energy", unit=KILOWATT_HOURS, decimals=1),
                sorted_by="Energy",
            ),
            7,
        ),
        (
            with_columns(
                listing(
                    "Idle cost today",
                    "Machines with the highest cost of idle energy since midnight. Shutting them down would save it.",
                    rows(
                        or_away(f"topk(8, {added_by_machine(COST_OF_IDLE)} > 0)", "exporters", said_as="device_id"),
                        "amount",
                    ),
                    unit="short",
                    links=(),
                )
                .no_value("No idle cost yet today.")
                .time_from("now/d")
                .hide_time_override(True),
                linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine"),
                ranked("Idle cost", unit=site.money, decimals=2),
                sorted_by="Idle cost",
            ),
            7,
        ),
    )
