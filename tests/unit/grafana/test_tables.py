"""Tables of the committed dashboards: whether their columns fit, as Grafana computes their widths."""

from typing import Any

from tests.unit.grafana.dashboards import DashboardFile, every_board, looks_of


@every_board
def test_the_heading_of_a_column_is_not_cut_off(board: DashboardFile) -> None:
    """A letter is 7.4 pixels wide on average, 16 are beside it, and an arrow takes 20: "Machi…" was in 90."""
    for panel in (panel for panel in board.panels if panel["type"] == "table"):
        sorted_by = [each["displayName"] for each in panel["options"].get("sortBy") or ()]
        cut = [said for said, width, _ in _columns(panel) if 7.4 * len(said) + 16 + 20 * (said in sorted_by) > width]
        assert cut == [], panel["title"]


@every_board
def test_a_table_shows_all_its_columns_or_has_the_whole_width(board: DashboardFile) -> None:
    """ "Only since" ran off its panel on a screen of 1280; a table of the whole width may, but not on one of 1920."""
    for panel in (panel for panel in board.panels if panel["type"] == "table"):
        room = _room(panel, 1920 if panel["gridPos"]["w"] == 24 else 1280)
        assert sum(_widths(panel, room)) <= room + 1, panel["title"]


@every_board
def test_buttons_of_a_table_are_in_view(board: DashboardFile) -> None:
    """At 1024 pixels, without scrolling to the side; columns that need not be seen with them come after them."""
    for panel in (panel for panel in board.panels if panel["type"] == "table"):
        columns = _columns(panel)
        last = max((place for place, (_, _, looks) in enumerate(columns) if "actions" in looks), default=-1)
        room = _room(panel, 1024)
        assert sum(_widths(panel, room)[: last + 1]) <= room + 1, panel["title"]


@every_board
def test_only_texts_are_wrapped(board: DashboardFile) -> None:
    """Grafana makes rows as high as codes need, not their words: the words of two rows overlapped."""
    for panel in (panel for panel in board.panels if panel["type"] == "table"):
        wrapped = [said for said, _, looks in _columns(panel) if looks.get("custom.wrapText") and looks.get("mappings")]
        assert wrapped == [], panel["title"]


@every_board
def test_the_machine_stays_in_view(board: DashboardFile) -> None:
    """On a narrow screen people scroll to the buttons, and must see whose they are."""
    tables = [panel for panel in board.panels if panel["type"] == "table"]
    assert [panel["title"] for panel in tables if panel["options"].get("frozenColumns") != {"left": 1}] == []


def _columns(panel: dict[str, Any]) -> list[tuple[str, int, dict[str, Any]]]:
    """A table's visible columns, from the left: heading, least width in pixels, and what else is set."""
    least = panel["fieldConfig"]["defaults"]["custom"]["minWidth"]
    organized = panel["transformations"][-1]["options"]
    columns = []
    for field in sorted(organized["indexByName"], key=organized["indexByName"].get):
        heading = organized["renameByName"][field]
        looks = dict(looks_of(panel, heading))
        width = looks.get("custom.width", looks.get("custom.minWidth", least))
        if not looks.get("custom.hideFrom.viz"):
            columns.append((looks.get("displayName", heading), width, looks))
    return columns


def _widths(panel: dict[str, Any], room: int) -> list[float]:
    """Of its columns in so many pixels, as Grafana computes them: equal shares of what those with a width leave.

    A column that needs more than its share takes nothing from the others: the last one then runs off.
    """
    columns = _columns(panel)
    said = [looks.get("custom.width", 0) for _, _, looks in columns]
    share = (room - sum(said)) / max(1, said.count(0))
    return [width or max(least, share) for width, (_, least, _) in zip(said, columns, strict=True)]


def _room(panel: dict[str, Any], screen: int) -> int:
    """Pixels for the columns of a table: the grid's margins are 16 wide and its gaps 8, and a panel has 13 within."""
    return int((screen - 2 * 16 + 8) / 24 * panel["gridPos"]["w"] - 8 - 2 * 13)
