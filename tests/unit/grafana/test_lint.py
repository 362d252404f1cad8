"""What makes a dashboard one that people rely on, as rules. Each test names the panels that break its rule."""

import re
import textwrap
from collections import Counter
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.unit.grafana.dashboards import DashboardFile, boards, breaking, every_board, looks_of, texts, under
from tools.dashboards import __main__ as generator
from tools.dashboards.kit.tables import ABSENT
from tools.dashboards.kit.wording.money import is_money

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

PRICES: Final = {"Price", "Saving per hour"}
"""Money that is small by nature."""


def test_the_files_are_what_the_generator_makes() -> None:
    assert generator.main(["--check"]) == 0


def test_uids_stay() -> None:
    assert {board.file: board.json["uid"] for board in boards()} == UIDS


@every_board
def test_a_dashboard_is_found_answers_a_question_and_cannot_be_edited(board: DashboardFile) -> None:
    assert board.json["title"]
    assert board.json["description"].endswith("?")
    assert "energytrack" in board.json["tags"]
    assert board.json["editable"] is False


@every_board
def test_panels_have_titles_and_numbers_of_their_own(board: DashboardFile) -> None:
    titles = Counter(panel["title"] for panel in board.json["panels"])
    numbers = Counter(panel["id"] for panel in board.panels)
    assert [title for title, count in titles.items() if count > 1 or not title] == []
    assert [number for number, count in numbers.items() if count > 1] == []


@every_board
def test_panels_fill_the_grid_and_do_not_overlap(board: DashboardFile) -> None:
    taken: Counter[tuple[int, int]] = Counter()
    for place in (panel["gridPos"] for panel in board.json["panels"]):
        columns, lines = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        taken.update((x, y) for x in columns for y in lines)
    bottom = max(y for _, y in taken) + 1
    assert taken == Counter((x, y) for x in range(24) for y in range(bottom))


@every_board
def test_a_panel_says_what_it_shows(board: DashboardFile) -> None:
    assert breaking(board, lambda panel: not re.fullmatch(r".{20,}\.", panel.get("description", ""))) == []


@every_board
def test_a_title_fits_on_a_tablet(board: DashboardFile) -> None:
    """At 820 pixels a column of the grid is 33 wide, and 82 of a panel's are not for its title.

    "Last 30 days" beside it takes 120 more, and needs 1024: "Ener…" was all that a tablet showed of "Energy by day".
    """

    def is_cut(panel: dict[str, Any]) -> bool:
        beside = 120 if panel.get("timeFrom") and not panel.get("hideTimeOverride") else 0
        screen = 1024 if beside else 820
        room = (screen - 24) / 24 * panel["gridPos"]["w"] - 82 - beside
        return bool(width_of_title(panel["title"]) > room)

    assert breaking(board, is_cut) == []


def test_the_width_of_a_title_is_known_to_a_letter() -> None:
    """As Chromium measured them in Grafana 12.2."""
    for title, pixels in {
        "Risk": 29,
        "Latency": 54,
        "Failures missed": 106,
        "Machines by failure probability": 210,
    }.items():
        assert width_of_title(title) == pytest.approx(pixels, abs=7)


def width_of_title(title: str) -> float:
    """Pixels of a panel's title, from the mean widths of narrow, wide, large and other letters in Grafana's font."""
    kinds = Counter(
        "narrow" if c in "fijlrtI.,:()' " else "wide" if c in "mwMW" else "large" if c.isupper() else "other"
        for c in title
    )
    return 4.4 * kinds["narrow"] + 12.3 * kinds["wide"] + 9.4 * kinds["large"] + 8.3 * kinds["other"] + 1


@every_board
def test_what_is_said_instead_of_a_number_fits_on_a_tablet(board: DashboardFile) -> None:
    """It is as large as the number, and Grafana breaks lines between words only: "tomorrow" stuck out of its panel, and
    "after a full quarter hour" rose above it at 820 pixels.
    """

    def sticks_out(panel: dict[str, Any]) -> bool:
        if panel["type"] != "stat":
            return False
        said, place = panel["fieldConfig"]["defaults"]["noValue"], panel["gridPos"]
        longest = max(map(len, said.split()))
        lines = textwrap.wrap(said, max(longest, (32 * place["w"] - 24) // 19))
        return bool(19 * longest + 24 > 41 * place["w"] or 50 * len(lines) > 38 * place["h"] - 48)

    assert breaking(board, sticks_out) == []


@every_board
def test_bars_begin_at_zero(board: DashboardFile) -> None:
    """A bar's length is its amount: two nearly equal ones looked as if one were twice the other."""

    def begins_elsewhere(panel: dict[str, Any]) -> bool:
        fields = panel.get("fieldConfig", {}).get("defaults", {})
        custom = fields.get("custom", {})
        return bool(custom.get("drawStyle") == "bars" and fields.get("min", custom.get("axisSoftMin")) != 0)

    assert breaking(board, begins_elsewhere) == []


@every_board
def test_a_number_with_its_course_is_a_minute_old_at_most(board: DashboardFile) -> None:
    """It is that of the last step, and steps follow the panel's width: six minutes of a day in a narrow one."""
    minutes = 24 * 60
    late = [panel["title"] for panel in board.panels if panel["type"] == "stat"
            and panel["options"]["graphMode"] != "none" and panel.get("maxDataPoints", 0) < minutes]  # fmt: skip
    assert late == []


@every_board
def test_a_number_of_several_amounts_has_one_unit(board: DashboardFile) -> None:
    """`2.75 kWh` beside `152 Wh`, and bars of hours and minutes, cannot be compared."""

    def has_several(panel: dict[str, Any]) -> bool:
        scaled = {"kwatth", "watt", "watth", "s"} if panel["type"] == "bargauge" else {"kwatth", "watt", "watth"}
        amounts = panel["type"] == "bargauge" or (panel["type"] == "stat" and len(panel["targets"]) > 1)
        return bool(amounts and panel["fieldConfig"]["defaults"]["unit"] in scaled)

    assert breaking(board, has_several) == []


@every_board
def test_machines_are_ranked_in_tables(board: DashboardFile) -> None:
    """Bars leave room for the name with most letters, and cut off one with wider ones: "conv-00…"."""
    bars = [panel for panel in board.panels if panel["type"] == "bargauge"]
    legends = {panel["title"]: {each["legendFormat"] for each in panel["targets"]} for panel in bars}
    assert [title for title, names in legends.items() if "{{device_id}}" in names] == []


@every_board
def test_a_cell_without_a_value_does_not_say_that_the_table_is_empty(board: DashboardFile) -> None:
    """ "No new alarm." stood in the row of an alarm that is about no machine."""
    for panel in (panel for panel in board.panels if panel["type"] == "table"):
        for heading in panel["transformations"][-1]["options"]["renameByName"].values():
            assert dict(looks_of(panel, heading)).get("noValue") == ABSENT, (panel["title"], heading)


@every_board
def test_power_has_one_unit_in_a_column(board: DashboardFile) -> None:
    """`897.9 W` beside `3.4 kW` cannot be compared."""
    for panel in (panel for panel in board.panels if panel["type"] == "table"):
        assert "watt" not in [each["value"] for each in _looks(panel) if each["id"] == "unit"], panel["title"]


@every_board
def test_a_panel_has_a_unit_and_thresholds(board: DashboardFile) -> None:
    def bare(panel: dict[str, Any]) -> bool:
        if panel["type"] == "text":
            return False
        fields = panel["fieldConfig"]["defaults"]
        return not fields.get("unit") or not fields["thresholds"]["steps"]

    assert breaking(board, bare) == []


@every_board
def test_a_panel_is_one_of_grafanas_own(board: DashboardFile) -> None:
    assert breaking(board, lambda panel: panel["type"] not in GRAFANAS_OWN) == []


@every_board
def test_links_lead_somewhere_and_take_along_what_there_is(board: DashboardFile) -> None:
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
def test_nothing_is_loaded_from_outside(board: DashboardFile) -> None:
    assert [text for text in texts(board.json) if re.search(r"https?://", text)] == []


@every_board
def test_a_button_asks_before_it_acts(board: DashboardFile) -> None:
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
def test_a_button_says_beforehand_that_it_is_refused_without_a_text(board: DashboardFile) -> None:
    """Grafana sends it all the same, and shows only that there was an error."""
    cells = [each["value"] for each in under("properties", board.json) for each in each if each["id"] == "actions"]
    for button in (button for buttons in cells for button in buttons):
        for variable in button.get("variables", ()):
            if "or empty" not in variable["name"]:
                assert f'"${variable["key"]}"' in button["confirmation"], button["title"]
                assert re.search("refused|needed", button["confirmation"]), button["title"]


@every_board
def test_columns_have_one_unit_and_money_is_whole(board: DashboardFile) -> None:
    """`2 MWh` beside `625 kWh` cannot be compared; nobody reads `€0.500`."""
    for panel in board.panels:
        if panel["type"] == "table":
            units = [each["value"] for each in _looks(panel) if each["id"] == "unit"]
            assert "kwatth" not in units, panel["title"]
        if panel["type"] == "stat" and is_money(panel["fieldConfig"]["defaults"]["unit"]):
            expected = 2 if panel["title"] in PRICES else 0
            assert panel["fieldConfig"]["defaults"].get("decimals") == expected, panel["title"]


@every_board
def test_codes_are_words(board: DashboardFile) -> None:
    """`conveyor_belt`, `bearing_wear`, FailureRiskHigh: columns and legends show them as people say them."""
    codes = {"device_type", "mode", "code", "component", "alarm", "verdict", "about", "ordered_by"}
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


def _looks(panel: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for override in panel["fieldConfig"].get("overrides", ()) for each in override["properties"]]
