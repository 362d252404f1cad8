"""One line, for a screen on its wall: its machines by state, its power, the next risks, the newest orders."""

from typing import Final

from grafana_foundation_sdk.builders import common
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig

from tools.dashboards.kit import annotations, links, variables
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row
from tools.dashboards.kit.machines import per_machine, state_number, state_words
from tools.dashboards.kit.orders import latest_orders
from tools.dashboards.kit.panels import by_type, course, listing, number, stacked, with_curve
from tools.dashboards.kit.queries import (
    LINE,
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
from tools.dashboards.kit.tables import linked, risk_gauge, with_columns
from tools.dashboards.kit.wording.colours import more_is_worse

MOST: Final = 200
"""Machines in the grid; a line with more shows those that come first by name."""
OF_ROW: Final = "${__data.fields.device_id}"
_BY_NAME: Final = (
    DataTransformerConfig(id_val="sortBy", options={"sort": [{"field": "device_id"}]}),
    DataTransformerConfig(
        id_val="organize", options={"includeByName": {"device_id": True, "Value": True, "Value #state": True}}
    ),
)
"""Every machine keeps its place while states change: people find it without reading."""


def build(site: DashboardSite) -> Dashboard:
    return laid_out(
        framed(
            links.LINE,
            "Line",
            "How are the machines of this line, which one needs attention next, and what was ordered?",
            site=site,
            since="now-6h",
            refresh="10s",
            choices=(variables.one_line(),),
            marks=(annotations.failures(LINE), annotations.orders(LINE)),
        ),
        _now(site),
        _machines(),
        _next(site),
        panel_row(6, (latest_orders(LINE, newest=8), 24)),
    )


def _now(site: DashboardSite) -> PanelRow:
    by_state = machines_by_state(f'sum(line_type_state:devices:sum{{{LINE},state="STATE"}})', ())
    return panel_row(
        4,
        (by_state, 8),
        (
            with_curve(
                number(
                    "Power",
                    "Active power of the line's machines that report.",
                    over_time(or_unknown(f"sum(line_type:power_watts:sum{{{LINE}}})"), "power"),
                    unit="watt",
                    links=(links.to_dashboard("Energy", links.ENERGY, choices=False),),
                )
            ),
            4,
        ),
        (
            number(
                "Cost",
                "Cost of the line's energy since midnight.",
                at_the_end(f"sum(sum_over_time(line_type:energy_cost:increase1m{{{LINE}}}[$__range]))", "today"),
                unit=site.money,
                links=(links.to_dashboard("Energy", links.ENERGY, choices=False),),
            )
            .time_from("now/d")
            .hide_time_override(True)
            .decimals(0)
            .no_value("not yet"),
            4,
        ),
        (
            number(
                "At risk",
                "Machines at risk of failing within the model's horizon: at or above its threshold.",
                at_the_end(or_zero_if_scored(f"sum(line_type:devices_at_risk:sum{{{LINE}}})", LINE), "at risk"),
                unit="short",
                meaning=more_is_worse(1, 5),
                links=(links.to_dashboard("Maintenance", links.MAINTENANCE, choices=False),),
            ).decimals(0),
            4,
        ),
        (
            number(
                "Alarms",
                "Alarms that nobody has acknowledged yet.",
                at_the_end(
                    or_zero(f'sum(energytrack_device_alarm_state{{{LINE},state="active"}})', "control_api"), "new"
                ),
                unit="short",
                meaning=more_is_worse(1, 5),
                links=(links.operators(),),
            ).decimals(0),
            4,
        ),
    )


def _machines() -> PanelRow:
    panel = (
        number(
            "Machines",
            "Each machine of the line, by state. Click one to see or operate it.",
            rows(state_number(LINE), "state"),
            unit="short",
            links=(links.to_device(OF_ROW), links.to_orders(OF_ROW)),
        )
        .mappings(state_words())
        .color_mode(looks.BigValueColorMode.BACKGROUND_SOLID)
        .text_mode(looks.BigValueTextMode.NAME)
        .text(common.VizTextDisplayOptions().title_size(20).value_size(20))
        .reduce_options(common.ReduceDataOptions().calcs([]).values(True).limit(MOST).fields("/^Value/"))
        .no_value("No machine of this line reports.")
    )
    for step in _BY_NAME:
        panel = panel.with_transformation(step)
    return panel_row(9, (panel, 24))


def _next(site: DashboardSite) -> PanelRow:
    risk = per_machine(f"device:failure_probability_ratio:max{{{LINE}}}")
    return panel_row(
        8,
        (
            with_columns(
                listing(
                    "Next risks",
                    "The machines of this line that are most likely to fail within the model's horizon.",
                    rows(or_away(f"topk(6, {risk})", "exporters", said_as="device_id"), "risk"),
                    unit="short",
                    links=(),
                ).no_value(NONE_SCORED),
                linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine"),
                risk_gauge(),
            ),
            8,
        ),
        (
            by_type(
                stacked(
                    course(
                        "Power by type",
                        "Active power of each type of machine, stacked: the top edge is the whole line.",
                        over_time(f"sum by (device_type) (line_type:power_watts:sum{{{LINE}}})", "{{device_type}}"),
                        unit="watt",
                        links=(),
                    )
                ),
                site.types,
            ).min(0),
            16,
        ),
    )
