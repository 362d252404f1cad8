"""Power and energy over time: compared with shifts and tariff bands, by line and by type."""

from typing import Final

from tools.dashboards.kit import links
from tools.dashboards.kit.colours import GOOD, MUTED, words
from tools.dashboards.kit.energy_terms import COST, USED, USED_IDLE, added, power
from tools.dashboards.kit.frame import PanelRow, Site, panel_row
from tools.dashboards.kit.panels import Links, bars, course, stacked, timeline
from tools.dashboards.kit.queries import over_time

TO_PLANT: Final[Links] = (links.to_dashboard("Plant overview", links.PLANT),)
PER_STEP: Final = "$__interval"
"""Amounts are summed over exactly one step of the chart, so the bars add up to the total."""


def load() -> PanelRow:
    """The load curve; below it the shifts and the tariff bands."""
    return panel_row(
        8,
        (
            stacked(
                course(
                    "Load curve",
                    "Active power of each line, stacked: the top edge is the whole plant.",
                    over_time(power("line"), "{{line}}"),
                    unit="watt",
                    links=TO_PLANT,
                )
            ).min(0),
            12,
        ),
        (
            timeline(
                "Shifts",
                "When people were at work on each line. Load outside these hours may be waste.",
                over_time('max by (line) (line:in_shift:max{line=~"$line"})', "{{line}}"),
                unit="short",
                links=TO_PLANT,
            ).mappings(words(("1", "at work", GOOD), ("0", "off work", MUTED))),
            12,
        ),
        heading="Load",
    )


def amounts(site: Site) -> PanelRow:
    """Energy by type, by use and by tariff band, hour by hour."""
    of_idling = added(USED_IDLE, window=PER_STEP)
    return panel_row(
        8,
        (
            bars(
                course(
                    "Energy by type",
                    "Energy used by each type of machine.",
                    over_time(added(USED, window=PER_STEP, by="device_type"), "{{device_type}}"),
                    unit="kwatth",
                    links=(),
                )
            )
            .min(0)
            .interval("5m"),
            8,
        ),
        (
            bars(
                course(
                    "Idle and productive energy",
                    "Energy that machines used while idle, and while working.",
                    over_time(f"{added(USED, window=PER_STEP)} - {of_idling}", "at work"),
                    over_time(of_idling, "idle"),
                    unit="kwatth",
                    links=(),
                )
            )
            .min(0)
            .interval("5m"),
            8,
        ),
        (
            bars(
                course(
                    "Cost by tariff band",
                    "Cost of the energy in each tariff band.",
                    over_time(added(COST, window=PER_STEP, by="band"), "{{band}}"),
                    unit=site.money,
                    links=(),
                )
            )
            .min(0)
            .interval("5m"),
            8,
        ),
        heading="Energy and cost",
    )
