"""What dashboards ask Prometheus: of which source, over which windows, and narrowed by which choices."""

import re
from typing import Any, Final

from tests.unit.grafana.dashboards import DashboardFile, boards, breaking, every_board, under
from tests.unit.grafana.series import named

OF_THE_WHOLE_PLANT: Final = re.compile(
    r"energytrack_(ledger_(day|quarter)_meter|model|retraining|pipeline|tariff|budget|service|disk|exporter|plant)_|plant:|stage|topic:|disk|up$"
    r"|recommendation:|line:in_shift|process_|scrape_|prometheus_"
)
"""Series without a line or a type."""


@every_board
def test_all_questions_go_to_the_data_source_that_was_chosen(board: DashboardFile) -> None:
    asking = [*board.panels, *board.marks, *(each for each in board.choices.values() if each["type"] == "query")]
    sources = [source for each in asking for source in under("datasource", each)]
    assert [source for source in sources if source != {"type": "prometheus", "uid": "${datasource}"}] == []


@every_board
def test_the_queries_of_a_panel_can_be_distinguished(board: DashboardFile) -> None:
    def mixed_up(panel: dict[str, Any]) -> bool:
        names = [target["refId"] for target in panel.get("targets", ())]
        return not all(names) or len(names) != len(set(names))

    assert breaking(board, mixed_up) == []


@every_board
def test_windows_of_rates_follow_the_zoom(board: DashboardFile) -> None:
    """A rate over a fixed short window shows gaps or hides peaks as soon as somebody zooms."""
    window = re.compile(r"\b(?:rate|irate|increase|delta|deriv)\([^\[]*\[([^\]]+)\]")
    allowed = {"$__rate_interval", "$__range", "1h", "1d"}
    assert [place for place, expression in board.asked if not set(window.findall(expression)) <= allowed] == []


@every_board
def test_counters_are_seen_through_rate_or_increase(board: DashboardFile) -> None:
    bare = re.compile(r"(?<!rate\()(?<!increase\()\b(?<!:)\w+_(?:total|bucket)\b")
    assert [place for place, expression in board.asked if bare.search(expression)] == []


@every_board
def test_queries_use_choices_that_the_dashboard_offers(board: DashboardFile) -> None:
    def unknown(expression: str) -> set[str]:
        return {name for name in re.findall(r"\$\{?([a-zA-Z_]\w*)", expression) if not name.startswith("__")} - set(
            board.choices
        )

    assert [place for place, expression in board.asked if unknown(expression)] == []


@every_board
def test_a_choice_filters_all_that_can_be_filtered_by_it(board: DashboardFile) -> None:
    """Whoever chooses a line must not read numbers of the whole plant below it."""
    for choice in board.choices.keys() & {"line", "device_type", "device"}:
        unfiltered = [
            place
            for place, expression in board.asked
            if not place.startswith("choice")
            and f"${choice}" not in expression
            and "$device" not in expression.replace("$device_type", "")
            and not all(OF_THE_WHOLE_PLANT.match(name) for name in named(expression))
        ]
        assert unfiltered == [], choice


@every_board
def test_marks_are_thinned_out(board: DashboardFile) -> None:
    """Beyond six hours they would hide the curves; changes of the model are few."""
    crowded = [
        mark["name"]
        for mark in board.marks
        if mark["enable"] and mark["name"] != "Model changes" and "vector($__range_s) <= 21600" not in mark["expr"]
    ]
    assert crowded == []


def test_the_cheapest_time_to_stop_comes_first() -> None:
    """A table keeps the order of its first query."""
    first = next(expr for board in boards() for place, expr in board.asked if place == "When to stop it")
    assert first.startswith("sort(")


@every_board
def test_a_dashboard_with_buttons_says_what_was_refused(board: DashboardFile) -> None:
    """Grafana only says that there was an error; the sentence of the control API is in a table of the dashboard."""
    has_buttons = any(list(under("id", panel)).count("actions") for panel in board.panels)
    refusals = [place for place, expression in board.asked if "energytrack_device_refused_request" in expression]
    assert has_buttons <= len(refusals)
