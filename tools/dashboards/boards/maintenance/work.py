"""The maintenance work list: machines by risk, with buttons, alarms, and open tasks."""

from typing import Any, Final

from grafana_foundation_sdk.builders import table

from tools.dashboards.kit import buttons, links
from tools.dashboards.kit.frame import DashboardSite, PanelRow, panel_row
from tools.dashboards.kit.machines import (
    IDENTITY,
    per_machine,
    recommendation_words,
    risk_level,
    risk_words,
    state_number,
    state_words,
    stop_words,
)
from tools.dashboards.kit.orders import latest_orders
from tools.dashboards.kit.panels import listing
from tools.dashboards.kit.queries import LINES, NONE_SCORED, or_away, rows
from tools.dashboards.kit.tables import KIND, PanelColumn, linked, look, measured, risk_gauge, with_columns, worded
from tools.dashboards.kit.wording import alarms, reasons
from tools.dashboards.kit.wording.colours import CRITICAL, WARNING, more_is_worse, words
from tools.dashboards.kit.wording.money import KILOWATTS

ROWS: Final = 25
COLOURED: Final = {"type": "color-text"}
SEVERITIES: Final = words(("critical", "critical", CRITICAL), ("warning", "warning", WARNING))
OF_ROW: Final = "${__data.fields.device_id}"


def ranking_of_risk() -> PanelRow:
    """The machines most likely to fail, and the orders that can be given at once."""
    risk = per_machine(f"device:failure_probability_ratio:max{{{LINES}}}")
    riskiest = f"topk({ROWS}, {risk})"

    def of_the_riskiest(expression: str) -> str:
        return f"{expression} and on (device_id) {riskiest}"

    factors = f"energytrack_device_failure_factor_ratio{{{LINES}}}"
    table = with_columns(
        listing(
            "Machines by risk",
            f"The {ROWS} machines most likely to fail, the main reason, and buttons for orders. Buttons ask for a "
            "reason and for confirmation. If the control API refuses, Latest orders says why. Viewers see no buttons.",
            rows(riskiest, "risk"),
            rows(of_the_riskiest(state_number(LINES)), "state"),
            rows(of_the_riskiest(risk_level(LINES)), "level"),
            rows(of_the_riskiest(f"topk by (device_id) (1, max by ({IDENTITY}, feature) ({factors}))"), "why"),
            rows(of_the_riskiest(per_machine(f"energytrack_device_temperature_celsius{{{LINES}}}")), "temperature"),
            rows(of_the_riskiest(f"{per_machine(f'device:power_watts:max{{{LINES}}}')} / 1000"), "power"),
            rows(of_the_riskiest(per_machine(f"device:silence_seconds:max{{{LINES}}}")), "heard"),
            rows(of_the_riskiest(per_machine(f"energytrack_device_info{{{LINES}}}")), "act"),
            unit="short",
            links=(),
        ).no_value(NONE_SCORED),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=104),
        worded("state", "State", state_words(), width=100),
        risk_gauge(110, shown="Risk"),
        worded("level", "Verdict", risk_words(), width=108),
        PanelColumn("feature", "Main reason", (look("mappings", reasons.in_cells()), look("custom.width", 232))),
        buttons.acting(
            "act", "Order", buttons.RESTART, buttons.SHUT_DOWN, buttons.SHUT_DOWN_AT_WORK, buttons.LOCK, width=312
        ),
        PanelColumn("line", "Line"),
        KIND,
        measured("temperature", "Temperature", unit="celsius", decimals=1),
        measured("power", "Power", unit=KILOWATTS, decimals=1),
        measured("heard", "Last reading", unit="s", decimals=0, meaning=more_is_worse(60, 300)),
    )
    return panel_row(11, (table, 24))


def when_to_stop(site: DashboardSite) -> PanelRow:
    """Machines at risk whose cheapest time to stop is known."""
    cost = f"max by (device_id, line, option) (energytrack_device_stop_expected_cost{{{LINES}}})"
    running_on = f'max by (device_id, line) (energytrack_device_stop_expected_cost{{{LINES},option="run_on"}})'
    table = with_columns(
        listing(
            "Cheapest time to stop",
            "For machines at risk: the time to stop with the lowest expected cost, including failures before it, and "
            "what it saves over running on.",
            rows(or_away(f"bottomk by (device_id, line) (1, {cost})", "exporters", said_as="device_id"), "cost"),
            rows(f"{running_on} - min by (device_id, line) ({cost})", "saves"),
            unit="short",
            links=(),
        ).no_value("No machine is at risk, or remaining lives or costs are not known."),
        linked("device_id", "Machine", links.to_device(OF_ROW), shown="Machine"),
        PanelColumn("line", "Line"),
        PanelColumn("option", "Stop", (look("mappings", stop_words()),)),
        measured("cost", "Expected cost", unit=site.money, decimals=0),
        measured("saves", "Saves", unit=site.money, decimals=0),
        sorted_by="Saves",
    )
    return panel_row(6, (table, 24))


def silent() -> PanelRow:
    """Machines that nobody monitors now."""
    return panel_row(
        6,
        (
            with_columns(
                listing(
                    "Silent machines",
                    "Machines without a reading for a minute or more. They are not monitored.",
                    rows(
                        or_away(f"device:silence_seconds:max{{{LINES}}} > 60", "exporters", said_as="device_id"),
                        "silent",
                    ),
                    unit="short",
                    links=(),
                ).no_value("All machines are reporting."),
                linked("device_id", "Machine", links.to_device(OF_ROW), shown="Machine"),
                PanelColumn("line", "Line"),
                measured("silent", "Silent for", unit="s", decimals=0, meaning=more_is_worse(60, 300)),
            ),
            24,
        ),
    )


def _recommendations() -> table.Panel:
    active = f"energytrack_device_recommendation_active{{{LINES}}}"
    return with_columns(
        listing(
            "Recommendations",
            "How many machines need attention, by recommendation.",
            rows(or_away(f"sum by (recommendation) ({active}) > 0", "exporters", said_as="recommendation"), "machines"),
            unit="short",
            links=(links.operators(),),
        ).no_value("Nothing to do."),
        PanelColumn("Value #machines", "Machines", (look("decimals", 0), look("custom.width", 110))),
        PanelColumn(
            "recommendation",
            "Recommendation",
            (look("mappings", recommendation_words()), look("custom.minWidth", 365)),
        ),
        sorted_by="Machines",
    )


def newest_orders() -> PanelRow:
    """The results of the orders given above."""
    return panel_row(8, (latest_orders(LINES), 24))


def new_alarms() -> PanelRow:
    """The alarms that nobody handles yet, and the recommendations."""
    return panel_row(
        8,
        (
            _alarms(
                "New alarms to acknowledge",
                "Alarms that nobody handles yet, the oldest first. Acknowledge one to show that you handle it. If that "
                "is refused, Latest orders says why. Viewers see no button.",
                'state="active"',
                buttons.ACKNOWLEDGE,
                width=120,
            ).no_value("No new alarm."),
            14,
        ),
        (_recommendations(), 10),
    )


def alarms_in_hand() -> PanelRow:
    """Alarms that somebody handles, with their verdicts."""
    return panel_row(
        7,
        (
            _alarms(
                "Alarms in hand",
                "Alarms that somebody handles, the oldest first. Say afterwards whether the alarm was right, and what "
                "was found: the next model learns from it. If that is refused, Latest orders says why.",
                'state=~"acknowledged|snoozed"',
                buttons.WAS_RIGHT,
                buttons.FALSE_ALARM,
                width=190,
                handled=True,
            ).no_value("Nobody handles an alarm."),
            24,
        ),
    )


def _alarms(
    title: str, description: str, chosen: str, *orders: dict[str, Any], width: int, handled: bool = False
) -> table.Panel:
    opened = f"energytrack_device_alarm_opened_timestamp_seconds{{{LINES},{chosen}}}"
    labels = "device_id, line, alarm, alarm_id, severity, handled_by"
    columns = [
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=104),
        PanelColumn(
            "alarm",
            "alarm",
            (look("displayName", "Alarm"), look("mappings", alarms.in_cells()), look("custom.minWidth", 150)),
        ),
        measured("age", "Age", unit="s", decimals=0, meaning=more_is_worse(3600, 8 * 3600), width=90),
        PanelColumn(
            "severity",
            "Severity",
            (look("mappings", SEVERITIES), look("custom.cellOptions", COLOURED), look("custom.width", 85)),
        ),
    ]
    if handled:
        columns.append(PanelColumn("handled_by", "By", (look("custom.width", 130),)))
    columns += [buttons.acting_on("alarm_id", "Order", *orders, width=width)]
    columns.append(PanelColumn("line", "Line", (look("custom.width", 104),)))
    return with_columns(
        listing(
            title,
            description,
            rows(
                or_away(
                    f"max by ({labels}) (time() - {opened})", "control_api", said_as="device_id", acting="alarm_id"
                ),
                "age",
            ),
            unit="short",
            links=(),
        ),
        *columns,
        sorted_by="Age",
    )
