"""What makes a dashboard one that people rely on, as rules. Each test names the panels that break its rule."""

import re
from collections import Counter
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.unit.grafana.dashboards import Board, boards, texts, under
from tests.unit.grafana.series import named
from tools.dashboards import __main__ as generator
from tools.dashboards.kit.colours import MUTED
from tools.dashboards.kit.money import is_money
from tools.dashboards.kit.queries import NO_SUBJECT, UNKNOWN_NOW
from tools.dashboards.kit.tables import ABSENT

GRAFANAS_OWN: Final = {"stat", "timeseries", "bargauge", "table", "state-timeline", "text"}
UIDS: Final = {
    "home.json": "energytrack-home",
    "line.json": "energytrack-line",
    "plant-overview.json": "energytrack-plant",
    "energy.json": "energytrack-energy",
    "production.json": "energytrack-production",
    "savings.json": "energytrack-savings",
    "maintenance.json": "energytrack-maintenance",
    "device.json": "energytrack-device",
    "model-health.json": "energytrack-model",
    "pipeline-health.json": "energytrack-pipeline",
}
"""People have bookmarks and alert rules have links: a uid that was once given stays."""

NEUTRAL: Final = "Nothing to list."
PRICES: Final = {"Price now", "Saving per hour"}
"""Money that is small by nature."""
OF_THE_WHOLE_PLANT: Final = re.compile(
    r"energytrack_(ledger_(day|quarter)_meter|model|retraining|pipeline|tariff|budget|service|disk|exporter|plant)_|plant:|stage|topic:|disk|up$"
    r"|recommendation:|line:in_shift|process_|scrape_|prometheus_"
)
"""Series without a line or a type."""

every_board = pytest.mark.parametrize("board", boards(), ids=lambda board: board.file)


def test_the_files_are_what_the_generator_makes() -> None:
    assert generator.main(["--check"]) == 0


def test_uids_stay() -> None:
    assert {board.file: board.json["uid"] for board in boards()} == UIDS


@every_board
def test_a_dashboard_is_found_answers_a_question_and_cannot_be_edited(board: Board) -> None:
    assert board.json["title"]
    assert board.json["description"].endswith("?")
    assert "energytrack" in board.json["tags"]
    assert board.json["editable"] is False


@every_board
def test_a_zero_never_stands_for_unknown(board: Board) -> None:
    """`vector(0)` is 0 whether or not the service answers that would know; `queries.or_zero` asks that, too."""
    unasked = [place for place, expression in board.asked if "vector(0)" in expression and "up ==" not in expression]
    assert unasked == []


@every_board
def test_panels_have_titles_and_numbers_of_their_own(board: Board) -> None:
    titles = Counter(panel["title"] for panel in board.json["panels"])
    numbers = Counter(panel["id"] for panel in board.panels)
    assert [title for title, count in titles.items() if count > 1 or not title] == []
    assert [number for number, count in numbers.items() if count > 1] == []


@every_board
def test_panels_fill_the_grid_and_do_not_overlap(board: Board) -> None:
    taken: Counter[tuple[int, int]] = Counter()
    for place in (panel["gridPos"] for panel in board.json["panels"]):
        columns, lines = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        taken.update((x, y) for x in columns for y in lines)
    bottom = max(y for _, y in taken) + 1
    assert taken == Counter((x, y) for x in range(24) for y in range(bottom))


@every_board
def test_a_panel_says_what_it_shows(board: Board) -> None:
    assert _breaking(board, lambda panel: not re.fullmatch(r".{20,}\.", panel.get("description", ""))) == []


@every_board
def test_the_title_of_a_number_fits_on_a_tablet(board: Board) -> None:
    """At 1024 pixels a column of the grid is 41 wide, and a letter of a title 8; signs take the rest."""
    numbers = [panel for panel in board.panels if panel["type"] == "stat"]
    assert [panel["title"] for panel in numbers if 8 * len(panel["title"]) + 84 > 41 * panel["gridPos"]["w"]] == []


@every_board
def test_a_panel_has_a_unit_and_thresholds(board: Board) -> None:
    def bare(panel: dict[str, Any]) -> bool:
        if panel["type"] == "text":
            return False
        fields = panel["fieldConfig"]["defaults"]
        return not fields.get("unit") or not fields["thresholds"]["steps"]

    assert _breaking(board, bare) == []


@every_board
def test_a_panel_is_one_of_grafanas_own(board: Board) -> None:
    assert _breaking(board, lambda panel: panel["type"] not in GRAFANAS_OWN) == []


@every_board
def test_all_questions_go_to_the_data_source_that_was_chosen(board: Board) -> None:
    asking = [*board.panels, *board.marks, *(each for each in board.choices.values() if each["type"] == "query")]
    sources = [source for each in asking for source in under("datasource", each)]
    assert [source for source in sources if source != {"type": "prometheus", "uid": "${datasource}"}] == []


@every_board
def test_the_queries_of_a_panel_can_be_told_apart(board: Board) -> None:
    def mixed_up(panel: dict[str, Any]) -> bool:
        names = [target["refId"] for target in panel.get("targets", ())]
        return not all(names) or len(names) != len(set(names))

    assert _breaking(board, mixed_up) == []


@every_board
def test_windows_of_rates_follow_the_zoom(board: Board) -> None:
    """A rate over a fixed short window shows gaps or hides peaks as soon as somebody zooms."""
    window = re.compile(r"\b(?:rate|irate|increase|delta|deriv)\([^\[]*\[([^\]]+)\]")
    allowed = {"$__rate_interval", "$__range", "1h", "1d"}
    assert [place for place, expression in board.asked if not set(window.findall(expression)) <= allowed] == []


@every_board
def test_counters_are_seen_through_rate_or_increase(board: Board) -> None:
    bare = re.compile(r"(?<!rate\()(?<!increase\()\b(?<!:)\w+_(?:total|bucket)\b")
    assert [place for place, expression in board.asked if bare.search(expression)] == []


@every_board
def test_queries_use_choices_that_the_dashboard_offers(board: Board) -> None:
    def unknown(expression: str) -> set[str]:
        return {name for name in re.findall(r"\$\{?([a-zA-Z_]\w*)", expression) if not name.startswith("__")} - set(
            board.choices
        )

    assert [place for place, expression in board.asked if unknown(expression)] == []


@every_board
def test_links_lead_somewhere_and_take_along_what_there_is(board: Board) -> None:
    by_uid = {each.json["uid"]: each for each in boards()}
    for url in under("url", board.json):
        path, query = urlsplit(url).path, urlsplit(url).query
        if not url or path.startswith("/control/"):
            continue
        target = by_uid[path.removeprefix("/d/")]
        given = {key.removeprefix("var-") for key, _ in parse_qsl(query) if key.startswith("var-")}
        carried = set(re.findall(r"\$\{(\w+):queryparam\}", url))
        assert given | carried <= set(target.choices), url
        assert carried <= set(board.choices), url


@every_board
def test_nothing_is_loaded_from_outside(board: Board) -> None:
    assert [text for text in texts(board.json) if re.search(r"https?://", text)] == []


@every_board
def test_a_button_asks_before_it_acts(board: Board) -> None:
    cells = [each["value"] for each in under("properties", board.json) for each in each if each["id"] == "actions"]
    for buttons in cells:
        assert len({button["title"] for button in buttons}) == len(buttons)
        for button in buttons:
            assert button["confirmation"].endswith("?")
            assert button["oneClick"] is False
            assert button["fetch"]["method"] in {"POST", "DELETE"}
            assert button["fetch"]["url"].startswith("/control/api/")
            for variable in button.get("variables", []):
                typed = f"${variable['key']}"
                assert typed not in button["fetch"]["body"], "a quotation mark that somebody types would break it"
                assert [variable["key"], typed] in button["fetch"]["queryParams"]


@every_board
def test_a_choice_filters_all_that_can_be_filtered_by_it(board: Board) -> None:
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
def test_columns_have_one_unit_and_money_is_whole(board: Board) -> None:
    """`2 MWh` beside `625 kWh` cannot be compared; nobody reads `€0.500`."""
    for panel in board.panels:
        if panel["type"] == "table":
            units = [each["value"] for each in _looks(panel) if each["id"] == "unit"]
            assert "kwatth" not in units, panel["title"]
        if panel["type"] == "stat" and is_money(panel["fieldConfig"]["defaults"]["unit"]):
            expected = 2 if panel["title"] in PRICES else 0
            assert panel["fieldConfig"]["defaults"].get("decimals") == expected, panel["title"]


@every_board
def test_a_number_with_a_curve_says_that_it_is_not_known(board: Board) -> None:
    """The last value of a curve may be old: what is absent is NaN in the query, and words on the panel."""
    for panel in board.panels:
        if panel["type"] == "stat" and panel["options"]["graphMode"] == "area":
            assert all(target["expr"].endswith(f"or on () {UNKNOWN_NOW}") for target in panel["targets"]), panel[
                "title"
            ]


@every_board
def test_what_is_not_known_is_grey(board: Board) -> None:
    """Grafana gives what it says in place of a value the colour of the lowest step: "no failure" in red, or green."""
    for panel in board.panels:
        if panel["type"] in {"stat", "bargauge"}:
            fields = panel["fieldConfig"]["defaults"]
            said = [each["options"] for each in fields["mappings"] if each["type"] == "special"]
            expected = {"match": "null+nan", "result": {"text": fields["noValue"], "color": MUTED, "index": 0}}
            assert said == [expected], panel["title"]


@every_board
def test_an_empty_panel_says_so_in_its_own_words(board: Board) -> None:
    """Grafana's "No data" reads as an error."""
    assert _breaking(board, lambda panel: panel["type"] != "text" and not _said_when_empty(panel)) == []


@every_board
def test_an_empty_table_is_sure_that_there_is_nothing(board: Board) -> None:
    """Its sentence is for a plant where there is nothing; while nobody would know, one row says who does not answer."""

    def says_it_unasked(panel: dict[str, Any]) -> bool:
        if panel["type"] != "table" or panel["fieldConfig"]["defaults"]["noValue"] == NEUTRAL:
            return False
        return not re.search(r"absent\(up{", panel["targets"][0]["expr"])

    assert _breaking(board, says_it_unasked) == []


@every_board
def test_no_sentence_says_two_things_at_once(board: Board) -> None:
    """ "No orders, or the control API does not answer." leaves people to find out which."""

    def says_both(panel: dict[str, Any]) -> bool:
        return panel["type"] != "text" and "answer" in panel["fieldConfig"]["defaults"].get("noValue", "")

    assert _breaking(board, says_both) == []


@every_board
def test_who_is_waited_for_is_said_in_a_column_that_is_shown(board: Board) -> None:
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
def test_a_table_of_several_queries_says_that_it_is_empty(board: Board) -> None:
    """Joined from queries without an answer, it would have headings only; grouping leaves such a table out."""
    for panel in board.panels:
        if panel["type"] == "table" and len(panel["targets"]) > 1:
            assert [each["id"] for each in panel["transformations"]] == ["merge", "groupBy", "organize"]
            overrides = [each for each in panel["fieldConfig"]["overrides"] if each["matcher"]["id"] == "byName"]
            columns = [each["properties"] for each in overrides]
            assert all({"id": "noValue", "value": ABSENT} in looks for looks in columns), panel["title"]


@every_board
def test_codes_are_words(board: Board) -> None:
    """`conveyor_belt`, `bearing_wear`, FailureRiskHigh: columns and legends show them as people say them."""
    codes = {"device_type", "mode", "code", "component", "alarm", "verdict", "about"}
    for panel in board.panels:
        if panel["type"] == "table":
            shown = panel["transformations"][-1]["options"]["renameByName"]
            worded = {
                override["matcher"]["options"]
                for override in panel["fieldConfig"]["overrides"]
                if any(look["id"] == "mappings" for look in override["properties"])
            }
            assert {shown[code] for code in codes & shown.keys()} <= worded, panel["title"]
        legends = {target.get("legendFormat") for target in panel.get("targets", ())}
        if legends & {f"{{{{{code}}}}}" for code in codes}:
            assert any(each["id"] == "renameByRegex" for each in panel["transformations"]), panel["title"]


@every_board
def test_the_machine_stays_in_view(board: Board) -> None:
    """On a narrow screen people scroll to the buttons, and must see whose they are."""
    tables = [panel for panel in board.panels if panel["type"] == "table"]
    assert [panel["title"] for panel in tables if panel["options"].get("frozenColumns") != {"left": 1}] == []


@every_board
def test_marks_are_thinned_out(board: Board) -> None:
    """Beyond six hours they would hide the curves; changes of the model are few."""
    crowded = [
        mark["name"]
        for mark in board.marks
        if mark["enable"] and mark["name"] != "Model changes" and "vector($__range_s) <= 21600" not in mark["expr"]
    ]
    assert crowded == []


def _looks(panel: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for override in panel["fieldConfig"].get("overrides", ()) for each in override["properties"]]


def _said_when_empty(panel: dict[str, Any]) -> bool:
    said = panel["fieldConfig"]["defaults"].get("noValue", "")
    return bool(said) and said != "0"


def _breaking(board: Board, breaks: Any) -> list[str]:
    return [panel["title"] for panel in board.panels if breaks(panel)]
