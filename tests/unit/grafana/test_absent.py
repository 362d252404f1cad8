"""What dashboards say where a value is not known, a table is empty, or a service does not answer."""

import re
from typing import Any, Final

from tests.unit.grafana.dashboards import DashboardFile, breaking, every_board
from tools.dashboards.boards.model.retraining import TOO_YOUNG
from tools.dashboards.kit.panels import NOTHING, UNKNOWN
from tools.dashboards.kit.queries import NO_SUBJECT, NONE_SCORED, UNKNOWN_NOW, or_zero_if_scored
from tools.dashboards.kit.tables import ABSENT
from tools.dashboards.kit.wording.colours import MUTED

NEUTRAL: Final = "Nothing to list."
UNSURE: Final = {TOO_YOUNG, NONE_SCORED}
"""What an empty panel says that is true whoever is away."""


@every_board
def test_a_zero_never_stands_for_unknown(board: DashboardFile) -> None:
    """`vector(0)` is 0 whether or not the service answers that would know; `queries.or_zero` asks that, too."""
    unasked = [place for place, expression in board.asked if "vector(0)" in expression and "up ==" not in expression]
    assert unasked == []


@every_board
def test_nobody_is_counted_as_safe_while_nobody_is_scored(board: DashboardFile) -> None:
    """ "At risk 0" was green without a model: the exporters answered, and knew nothing."""
    of_risk = re.compile(r"(?:devices_at_risk:sum|failure_risk_\w+:active|failure_probability_ratio:max)(?:{([^}]*)})?")
    zeros = [
        (place, each) for place, each in board.asked if of_risk.search(each) and re.search(r"\(0 \*|vector\(0", each)
    ]
    for place, expression in zeros:
        counted = of_risk.search(expression)
        assert counted is not None
        assert or_zero_if_scored("", counted[1] or "").removeprefix("()") in expression, place


@every_board
def test_a_number_with_a_curve_says_that_it_is_not_known(board: DashboardFile) -> None:
    """The last value of a curve may be old: what is absent is NaN in the query, and words on the panel."""
    for panel in board.panels:
        if panel["type"] == "stat" and panel["options"]["graphMode"] == "area":
            assert all(target["expr"].endswith(f"or on () {UNKNOWN_NOW}") for target in panel["targets"]), panel[
                "title"
            ]


@every_board
def test_what_is_not_known_is_grey(board: DashboardFile) -> None:
    """Grafana gives what it says in place of a value the colour of the lowest step: "no failure" in red, or green."""
    for panel in board.panels:
        if panel["type"] in {"stat", "bargauge"}:
            fields = panel["fieldConfig"]["defaults"]
            said = [each["options"] for each in fields["mappings"] if each["type"] == "special"]
            empty = {"text": fields["noValue"], "color": MUTED, "index": 0}
            if panel["type"] == "stat":
                assert said == [{"match": "null+nan", "result": empty}], panel["title"]
            else:
                away = {"text": UNKNOWN, "color": MUTED, "index": 0}
                assert said == [{"match": "null", "result": empty}, {"match": "nan", "result": away}], panel["title"]


@every_board
def test_an_empty_panel_says_so_in_its_own_words(board: DashboardFile) -> None:
    """Grafana's "No data" reads as an error."""
    assert breaking(board, lambda panel: panel["type"] != "text" and not _said_when_empty(panel)) == []


@every_board
def test_an_empty_list_is_sure_that_there_is_nothing(board: DashboardFile) -> None:
    """Its sentence is for a plant where there is nothing; while nobody would know, one row says who does not answer.

    Nor does a ranking say "No machine has stopped yet today." only because the control API is away.
    """

    def says_it_unasked(panel: dict[str, Any]) -> bool:
        if panel["type"] not in {"table", "bargauge"}:
            return False
        if panel["fieldConfig"]["defaults"]["noValue"] in {NEUTRAL, NOTHING, *UNSURE}:
            return False
        return not re.search(r"absent\(up{", panel["targets"][0]["expr"])

    assert breaking(board, says_it_unasked) == []


@every_board
def test_no_sentence_says_two_things_at_once(board: DashboardFile) -> None:
    """ "No orders, or the control API does not answer." leaves people to find out which."""

    def says_both(panel: dict[str, Any]) -> bool:
        return panel["type"] != "text" and "answer" in panel["fieldConfig"]["defaults"].get("noValue", "")

    assert breaking(board, says_both) == []


@every_board
def test_who_is_waited_for_is_said_in_a_column_that_is_shown(board: DashboardFile) -> None:
    """And buttons have no row that is about nothing."""
    for panel in board.panels:
        for target in panel.get("targets", ()):
            said = re.findall(r'"(\w+)", "The [^"]* not answer"', target["expr"])
            if panel["type"] == "table" and said:
                shown = panel["transformations"][-1]["options"]["includeByName"]
                assert set(said) <= shown.keys(), panel["title"]
                acting = {
                    override["matcher"]["options"]
                    for override in panel["fieldConfig"]["overrides"]
                    if any(each["id"] == "actions" for each in override["properties"])
                }
                assert not acting or f'"{NO_SUBJECT}"' in target["expr"], panel["title"]


@every_board
def test_a_table_of_several_queries_says_that_it_is_empty(board: DashboardFile) -> None:
    """Joined from queries without an answer, it would have headings only; grouping leaves such a table out."""
    for panel in board.panels:
        if panel["type"] == "table" and len(panel["targets"]) > 1:
            assert [each["id"] for each in panel["transformations"]] == ["merge", "groupBy", "organize"]
            overrides = [each for each in panel["fieldConfig"]["overrides"] if each["matcher"]["id"] == "byName"]
            columns = [each["properties"] for each in overrides]
            assert all({"id": "noValue", "value": ABSENT} in looks for looks in columns), panel["title"]


def _said_when_empty(panel: dict[str, Any]) -> bool:
    said = panel["fieldConfig"]["defaults"].get("noValue", "")
    return bool(said) and said != "0"
