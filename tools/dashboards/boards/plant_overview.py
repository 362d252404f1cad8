"""The plant at a glance: what runs, what it costs, what is at risk, and what is wasted."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.common import BigValueTextMode

from tools.dashboards.kit import annotations, links, variables
from tools.dashboards.kit.colours import RISK, STATES, more_is_worse, painted
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
from tools.dashboards.kit.frame import Shelf, Site, framed, laid_out, shelf
from tools.dashboards.kit.machines import per_machine, state_number, state_words
from tools.dashboards.kit.panels import Links, course, listing, number, ranking, stacked
from tools.dashboards.kit.queries import LINES, MACHINES, at_the_end, or_zero, over_time, rows
from tools.dashboards.kit.tables import Column, linked, look, with_columns, worded

TO_ENERGY: Final[Links] = (links.to_dashboard("Energy", links.ENERGY),)
TO_MAINTENANCE: Final[Links] = (links.to_dashboard("Maintenance", links.MAINTENANCE),)
OF_ROW: Final = "${__data.fields.device_id}"


def build(site: Site) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.PLANT,
            "Plant overview",
            "What runs now, what does it cost, what will fail and what is wasted?",
            site=site,
            since="now-24h",
            refresh="30s",
            choices=(variables.line(), variables.device_type(), variables.devices()),
            marks=(annotations.failures(MACHINES), annotations.orders(MACHINES), annotations.models()),
        ),
        _now(),
        _today(site),
        _course_and_risk(),
        _largest(site),
    )


def _now() -> Shelf:
    states = number(
        "Machines by state",
        "How many machines are in each state; machines that do not report are silent and counted nowhere else.",
        *(
            at_the_end(or_zero(f'sum(line_type_state:devices:sum{{{LINES},state="{state}"}})', "exporters"), state)
            for state in STATES
        ),
        unit="short",
        links=TO_MAINTENANCE,
    ).decimals(0)
    for state, colour in STATES.items():
        states = states.with_override(*painted(state, colour))
    return shelf(
        4,
        (states, 8),
        (
            number(
                "Power now",
                "Active power of all machines that report. As of is the time of the newest reading.",
                at_the_end(power(), "power"),
                unit="watt",
                links=TO_ENERGY,
            ),
            4,
        ),
        (
            number(
                "At risk",
                "Machines that will probably fail within the model's horizon.",
                at_the_end(or_zero(f"sum(line_type:devices_at_risk:sum{{{LINES}}})", "exporters"), "at risk"),
                unit="short",
                meaning=more_is_worse(notice=1, critical=10),
                links=TO_MAINTENANCE,
            ).decimals(0),
            4,
        ),
        (
            number(
                "Alarms",
                "Alarms that nobody has acknowledged yet.",
                at_the_end(
                    or_zero(f'sum(energytrack_device_alarm_state{{{MACHINES},state="active"}})', "control_api"),
                    "waiting",
                ),
                unit="short",
                meaning=more_is_worse(notice=1, critical=10),
                links=(links.operators(),),
            ).decimals(0),
            4,
        ),
        (
            number(
                "As of",
                "The newest reading of any machine: what the other numbers are as of. It stands still where nothing is "
                "heard.",
                at_the_end(f"max(device:last_reading_timestamp_seconds:max{{{MACHINES}}}) * 1000", "as of"),
                unit="time:HH:mm:ss",
                links=TO_MAINTENANCE,
            ),
            4,
        ),
    )


def _today(site: Site) -> Shelf:
    return shelf(
        4,
        *(
            (
                number(
                    title,
                    f"{explained} since midnight, beside the same hours of yesterday and of this weekday a week ago.",
                    *(at_the_end(added(what, before=before), name) for before, name in BEFORE),
                    unit=unit,
                    links=TO_ENERGY,
                )
                .time_from("now/d")
                .hide_time_override(True)
                .text_mode(BigValueTextMode.VALUE_AND_NAME)
                .decimals(0)
                .no_value("not yet known"),
                8,
            )
            for title, explained, what, unit in (
                ("Energy today", "Energy that all machines used", USED, "kwatth"),
                ("Cost today", "What that energy cost, each minute at the price of its tariff band,", COST, site.money),
                ("Idle energy today", "Energy that machines used while idle", USED_IDLE, "kwatth"),
            )
        ),
    )


def _course_and_risk() -> Shelf:
    risk = f"topk(8, {per_machine(f'device:failure_probability_ratio:max{{{MACHINES}}}')})"
    table = with_columns(
        listing(
            "Highest risks",
            "The eight machines that will most probably fail.",
            rows(risk, "risk"),
            rows(f"{state_number(MACHINES)} and on (device_id) {risk}", "state"),
            unit="short",
            links=(),
        ),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine"),
        Column("line", "Line"),
        worded("state", "State", state_words()),
        Column(
            "Value #risk",
            "Failure probability",
            (
                look("unit", "percentunit"),
                look("min", 0),
                look("max", 1),
                look("decimals", 0),
                look("thresholds", RISK.build()),
                look("custom.cellOptions", {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}),
            ),
        ),
    )
    return shelf(
        9,
        (
            stacked(
                course(
                    "Power by line",
                    "Active power of each line; the top edge is the whole plant.",
                    over_time(power("line"), "{{line}}"),
                    unit="watt",
                    links=TO_ENERGY,
                )
            ).min(0),
            14,
        ),
        (table, 10),
    )


def _largest(site: Site) -> Shelf:
    by_state = stacked(
        course(
            "States over time",
            "How many machines were doing what.",
            over_time(f"sum by (state) (line_type_state:devices:sum{{{LINES}}})", "{{state}}"),
            unit="short",
            links=TO_MAINTENANCE,
        )
    ).min(0)
    for state, colour in STATES.items():
        by_state = by_state.with_override(*painted(state, colour))
    return shelf(
        9,
        (by_state, 10),
        (
            ranking(
                "Top consumers today",
                "Machines that used most energy since midnight.",
                at_the_end(f"sort_desc(topk(10, {added_by_machine(USED)}))", "{{device_id}}"),
                unit="kwatth",
                links=(links.to_device(), links.to_orders()),
            )
            .time_from("now/d")
            .hide_time_override(True)
            .no_value("No energy used yet today."),
            7,
        ),
        (
            ranking(
                "Highest idle cost today",
                "Machines with the highest cost of idle energy since midnight. Shutting them down would save it.",
                at_the_end(f"sort_desc(topk(10, {added_by_machine(COST_OF_IDLE)} > 0))", "{{device_id}}"),
                unit=site.money,
                links=(links.to_device(), links.to_orders()),
            )
            .time_from("now/d")
            .hide_time_override(True)
            .decimals(2)
            .no_value("Nothing wasted yet today."),
            7,
        ),
    )
