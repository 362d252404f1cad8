"""The maintenance work list: machines by risk, with buttons, and open tasks."""

from typing import Final

from tools.dashboards.kit import buttons, links, reasons
from tools.dashboards.kit.colours import CRITICAL, GOOD, WARNING, more_is_worse, steps
from tools.dashboards.kit.frame import PanelRow, panel_row
from tools.dashboards.kit.machines import IDENTITY, per_machine, state_number, state_words
from tools.dashboards.kit.panels import listing, ranking
from tools.dashboards.kit.queries import MACHINES, at_the_end, rows
from tools.dashboards.kit.tables import Column, linked, look, measured, risk_gauge, with_columns, worded

ROWS: Final = 25
OF_ROW: Final = "${__data.fields.device_id}"


def ranking_of_risk() -> PanelRow:
    """The machines most likely to fail, and the orders that can be given at once."""
    risk = per_machine(f"device:failure_probability_ratio:max{{{MACHINES}}}")
    riskiest = f"topk({ROWS}, {risk})"

    def of_the_riskiest(expression: str) -> str:
        return f"{expression} and on (device_id) {riskiest}"

    factors = f"energytrack_device_failure_factor_ratio{{{MACHINES}}}"
    table = with_columns(
        listing(
            "Machines by risk",
            f"The {ROWS} machines most likely to fail, the main reason, and buttons for orders. Buttons ask for a "
            "reason and for confirmation. Viewers see no buttons.",
            rows(riskiest, "risk"),
            rows(of_the_riskiest(state_number(MACHINES)), "state"),
            rows(of_the_riskiest(f"topk by (device_id) (1, max by ({IDENTITY}, feature) ({factors}))"), "why"),
            rows(of_the_riskiest(per_machine(f"energytrack_device_temperature_celsius{{{MACHINES}}}")), "temperature"),
            rows(of_the_riskiest(per_machine(f"device:power_watts:max{{{MACHINES}}}")), "power"),
            rows(of_the_riskiest(per_machine(f"device:silence_seconds:max{{{MACHINES}}}")), "heard"),
            rows(of_the_riskiest(per_machine(f"energytrack_device_info{{{MACHINES}}}")), "act"),
            unit="short",
            links=(),
        ),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=110),
        Column("line", "Line"),
        Column("device_type", "Type"),
        worded("state", "State", state_words()),
        risk_gauge(180),
        Column("feature", "Main reason", (look("mappings", reasons.in_cells()), look("custom.width", 200))),
        measured("temperature", "Temperature", unit="celsius", decimals=1),
        measured("power", "Power", unit="watt", decimals=1),
        measured("heard", "Last reading", unit="s", decimals=0, meaning=more_is_worse(60, 300)),
        buttons.acting(
            "act",
            "Order",
            buttons.ACKNOWLEDGE_ALL,
            buttons.RESTART,
            buttons.SHUT_DOWN,
            buttons.SHUT_DOWN_AT_WORK,
            width=370,
        ),
    )
    return panel_row(11, (table, 24))


def waiting() -> PanelRow:
    """Recommendations by kind, and silent machines."""
    return panel_row(
        8,
        (
            ranking(
                "Recommendations",
                "Machines that need attention, by recommendation.",
                at_the_end(
                    f"sort_desc(sum by (recommendation) (energytrack_device_recommendation_active{{{MACHINES}}}) > 0)",
                    "{{recommendation}}",
                ),
                unit="short",
                meaning=steps(GOOD, (10, WARNING), (50, CRITICAL)),
                links=(links.operators(),),
            ).no_value("Nothing to do."),
            12,
        ),
        (
            with_columns(
                listing(
                    "Silent machines",
                    "Machines without a reading for a minute or more. They are not monitored.",
                    rows(f"device:silence_seconds:max{{{MACHINES}}} > 60", "silent"),
                    unit="short",
                    links=(),
                ).no_value("All machines are reporting."),
                linked("device_id", "Machine", links.to_device(OF_ROW), shown="Machine"),
                Column("line", "Line"),
                measured("silent", "Silent for", unit="s", decimals=0, meaning=more_is_worse(60, 300)),
            ),
            12,
        ),
        heading="Open work",
    )


def alarms() -> PanelRow:
    """Open alarms, each with its button, and the number in each status."""
    states = f"energytrack_device_alarm_state{{{MACHINES}}}"
    still_open = f'energytrack_device_alarm_state{{{MACHINES},state=~"active|acknowledged|snoozed"}} == 1'
    table = with_columns(
        listing(
            "Open alarms",
            "Alarms that are still open. Acknowledge an alarm to show that you are handling it. Viewers see no button.",
            rows(f"max by (device_id, line, alarm, state) ({still_open})", "act"),
            unit="short",
            links=(),
        ).no_value("No alarm is open, or the control API does not answer."),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=110),
        Column("line", "Line"),
        Column("alarm", "alarm", (look("displayName", "Alarm"), look("custom.width", 190))),
        Column("state", "State"),
        buttons.acting("act", "Order", buttons.ACKNOWLEDGE, width=130),
    )
    return panel_row(
        8,
        (table, 16),
        (
            ranking(
                "Alarms by status",
                "Open alarms by status.",
                at_the_end(f"sum by (state) ({states})", "{{state}}"),
                unit="short",
                links=(links.operators(),),
            ).no_value("No alarms."),
            8,
        ),
    )
