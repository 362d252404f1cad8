"""Machines' production, their use of time, and the reasons of their stops."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.dashboard import ValueMapping

from tools.dashboards.boards.production import per_part
from tools.dashboards.kit import annotations, buttons, links, variables
from tools.dashboards.kit.frame import DashboardSite, PanelRow, framed, laid_out, panel_row
from tools.dashboards.kit.orders import refused_requests
from tools.dashboards.kit.panels import Links, course, crowded, listing, number, ranking
from tools.dashboards.kit.queries import LINES, at_the_end, or_away, over_time, rows
from tools.dashboards.kit.tables import KIND, PanelColumn, hidden, linked, measured, with_columns, worded
from tools.dashboards.kit.wording.colours import GOOD, PLAIN, WARNING, more_is_better, more_is_worse, steps, words

OF_ROW: Final = "${__data.fields.device_id}"
TO_PAGE: Final[Links] = (links.production(),)
NOT_YET: Final = "No line has had a quarter hour of planned time yet today."
RATIO: Final = more_is_better(0.5, 0.75)


def build(site: DashboardSite) -> Dashboard:
    """The dashboard, general to specific."""
    return laid_out(
        framed(
            links.PRODUCTION,
            "Production",
            "What do machines make, how well is their time used, and why do they stop?",
            site=site,
            since="now/d",
            refresh="1m",
            choices=(variables.line(), variables.device_type()),
            marks=(annotations.orders(LINES),),
        ),
        _at_a_glance(),
        _kinds(),
        _losses(),
        _unexplained(),
        _refused(),
        _machines(),
        per_part.over_days(site),
    )


def _of_kinds(what: str) -> str:
    """A ratio of each type on each line, whichever replica exports it."""
    ratio = f"max by (device_type, line) (energytrack_production_kind_{what}_ratio{{{LINES}}})"
    return _settled(ratio, "device_type, line")


def _ratio_of_machines(what: str) -> str:
    return _settled(_of_machines(f"{what}_ratio"), "device_id")


def _of_machines(what: str) -> str:
    return f"max by (device_id, device_type, line) (energytrack_production_{what}{{{LINES}}})"


def _settled(ratio: str, by: str) -> str:
    """The ratio of machines with at least a quarter hour of planned time: earlier, one part changes too much."""
    return f"{ratio} and on ({by}) max by ({by}) (energytrack_production_planned_seconds{{{LINES}}} >= 900)"


def or_none_stood(expression: str) -> str:
    """The expression, or 0 if it has no series although today was computed; before that, nothing is known."""
    return f"({expression}) or on () (0 * max({_of_machines('planned_seconds')}))"


SOURCES: Final = {"counter": "its counter", "events": "events", "file": "a file", "current": "cycles in the current"}
"""The sources of a machine's parts, and their words in a cell."""


def _counted_by() -> str:
    """A number for each set of sources: the first counts 1, the second 2, the third 4, the fourth 8."""
    labels = "device_id, device_type, line, source"
    reported = [
        f'{2**place} * max by ({labels}) (energytrack_production_parts_source{{{LINES},source="{source}"}})'
        for place, source in enumerate(SOURCES)
    ]
    return f"sum by (device_id, device_type, line) ({' or '.join(reported)})"


def _counters() -> list[ValueMapping]:
    """The sets of sources in words."""
    return words(
        *(
            (str(number), ", ".join(said for place, said in enumerate(SOURCES.values()) if number >> place & 1), PLAIN)
            for number in range(1, 2 ** len(SOURCES))
        )
    )


def _of_reasons(what: str, only: str = "") -> str:
    return f"max by (device_type, line, reason, planned) (energytrack_production_{what}{{{LINES}{only}}})"


def _at_a_glance() -> PanelRow:
    unplanned, unexplained = ',planned="no"', ',reason="No reason given"'
    planned, unknown = _of_machines("planned_seconds"), _of_machines("unknown_seconds")
    return panel_row(
        4,
        (
            number(
                "Time stopped",
                "Total time today in which machines stopped that should have worked. Planned down time is left out.",
                at_the_end(or_none_stood(f"sum({_of_reasons('stop_seconds', unplanned)})"), "stopped"),
                unit="s",
                links=TO_PAGE,
            ),
            6,
        ),
        (
            number(
                "Unexplained",
                "Today's stops whose reason nobody has given yet.",
                at_the_end(or_none_stood(f"sum({_of_reasons('stops', unexplained)})"), "stops"),
                unit="short",
                meaning=steps(GOOD, (1, WARNING)),
                links=TO_PAGE,
            ),
            6,
        ),
        (
            number(
                "Micro-stops",
                "Stops of today that were too short to ask for a reason.",
                at_the_end(or_none_stood(f"sum({_of_machines('micro_stops')})"), "stops"),
                unit="short",
                links=TO_PAGE,
            ),
            6,
        ),
        (
            number(
                "Time known",
                "The share of today's planned time for which it is known what machines did. The rest is in no ratio.",
                at_the_end(f"1 - sum({unknown}) / sum({planned})", "known"),
                unit="percentunit",
                meaning=more_is_better(0.5, 0.9),
                links=TO_PAGE,
            )
            .decimals(0)
            .no_value("none planned"),
            6,
        ),
    )


def _kinds() -> PanelRow:
    table = with_columns(
        listing(
            "OEE by type and line",
            "Today so far, by ISO 22400: availability times performance times quality. Machines of one type on one "
            "line count by their time; different types are never added up.",
            rows(or_away(_of_kinds("availability"), "control_api", said_as="line"), "availability"),
            rows(_of_kinds("oee"), "oee"),
            rows(_of_kinds("performance"), "performance"),
            rows(_of_kinds("quality"), "quality"),
            unit="percentunit",
            links=(),
        ).no_value(NOT_YET),
        linked("line", "Line", links.to_line("${__data.fields.Line}"), shown="Line"),
        KIND,
        measured("oee", "OEE", unit="percentunit", decimals=1, meaning=RATIO),
        measured("availability", "Availability", unit="percentunit", decimals=1),
        measured("performance", "Performance", unit="percentunit", decimals=1),
        measured("quality", "Quality", unit="percentunit", decimals=1),
    )
    return panel_row(
        10,
        (table, 15),
        (
            crowded(
                course(
                    "OEE over the day",
                    "Of each day up to each moment, by type and line.",
                    over_time(_of_kinds("oee"), "{{device_type}}, {{line}}"),
                    unit="percentunit",
                    links=TO_PAGE,
                )
            )
            .min(0)
            .no_value(NOT_YET),
            9,
        ),
        heading="OEE",
    )


def _losses() -> PanelRow:
    by_reason = f"sort_desc(sum by (reason) ({_of_reasons('stop_seconds')}))"
    by_line = f"sum by (line) ({_of_reasons('stop_seconds')})"
    return panel_row(
        9,
        (
            ranking(
                "Time lost by reason",
                "Duration of today's stops by reason, the longest first (Pareto).",
                at_the_end(or_away(by_reason, "control_api", said_as="reason"), "{{reason}}"),
                unit="dthms",
                links=TO_PAGE,
            ).no_value("No machine has stopped yet today."),
            14,
        ),
        (
            ranking(
                "Time lost by line",
                "Duration of today's stops by line, all machines together.",
                at_the_end(or_away(f"sort_desc({by_line})", "control_api", said_as="line"), "{{line}}"),
                unit="dthms",
                links=TO_PAGE,
            ).no_value("No machine has stopped yet today."),
            10,
        ),
        heading="Stops",
    )


def _unexplained() -> PanelRow:
    labels = "device_id, device_type, line, start, state"
    stop = f"max by ({labels}) (energytrack_production_unexplained_stop_seconds{{{LINES}}})"
    clock = f'label_replace({stop}, "since", "$1", "start", "[^T]*T([0-9]+:[0-9]+).*")'
    table = with_columns(
        listing(
            "Stops without a reason",
            "The longest of today. The button asks for the reason, by the name that it has on the page (Tool change); "
            "there it is one tap. If it is refused, the next table says why. Viewers see no button.",
            rows(
                or_away(
                    f'label_replace({clock}, "act", "$1", "start", "(.*)")',
                    "control_api",
                    said_as="device_id",
                    acting="act",
                ),
                "seconds",
            ),
            unit="s",
            links=(),
        ).no_value("Every stop has its reason."),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.production(), shown="Machine", width=140),
        PanelColumn("line", "Line"),
        KIND,
        PanelColumn("since", "Since"),
        PanelColumn("state", "State"),
        measured("seconds", "Stood", unit="dthms"),
        buttons.acting_on("act", "Reason", buttons.GIVE_REASON, width=150),
        hidden("start"),
        sorted_by="Stood",
    )
    return panel_row(9, (table, 24))


def _refused() -> PanelRow:
    table = refused_requests(
        "Refused reasons",
        "Reasons of stops that the control API refused in the last week, and why.",
        "production.give_reason",
        machines=LINES,
    )
    return panel_row(5, (table, 24))


def _machines() -> PanelRow:
    table = with_columns(
        listing(
            "Production by machine",
            "Each machine today. What is not known is empty: without a counter of rejected parts there is no OEE. "
            "Estimated parts are derived from cycles in the current. *Counted by* says who reported the parts.",
            rows(or_away(_ratio_of_machines("availability"), "control_api", said_as="device_id"), "availability"),
            rows(_ratio_of_machines("oee"), "oee"),
            rows(_ratio_of_machines("performance"), "performance"),
            rows(_ratio_of_machines("quality"), "quality"),
            rows(_of_machines("parts"), "parts"),
            rows(_of_machines("estimated_parts"), "estimated"),
            rows(_counted_by(), "source"),
            rows(_of_machines("micro_stops"), "micro"),
            rows(_of_machines("micro_stop_seconds"), "lost"),
            unit="short",
            links=(),
        ).no_value("No machine has planned time yet today."),
        linked("device_id", "device_id", links.to_device(OF_ROW), links.to_orders(OF_ROW), shown="Machine", width=140),
        PanelColumn("line", "Line"),
        KIND,
        measured("oee", "OEE", unit="percentunit", decimals=1, meaning=RATIO),
        measured("availability", "Availability", unit="percentunit", decimals=1),
        measured("performance", "Performance", unit="percentunit", decimals=1),
        measured("quality", "Quality", unit="percentunit", decimals=1),
        measured("parts", "Parts", unit="short", decimals=0),
        measured("estimated", "Of these estimated", unit="short", decimals=0, width=160),
        worded("source", "Counted by", _counters(), width=150),
        measured("micro", "Micro-stops", unit="short", decimals=0, meaning=more_is_worse(10, 30)),
        measured("lost", "In micro-stops", unit="dthms"),
        sorted_by="Micro-stops",
    )
    return panel_row(12, (table, 24), heading="Machines")
