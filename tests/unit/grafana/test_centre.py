"""The dashboards of the centre of several plants: about one plant, with what plants send, without orders."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.unit.grafana.dashboards import ROOT, DashboardFile, texts
from tests.unit.grafana.series import recorded
from tools.dashboards.centre.queries import CONDITION, is_sent, of_one_plant, series_of
from tools.dashboards.kit.wording.money import is_money

FOLDER: Final = ROOT / "grafana" / "centre" / "dashboards"
OVER_ALL: Final = "plants.json"
BOARDS: Final = tuple(
    DashboardFile(path.name, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.json"))
)
OF_ONE: Final = tuple(board for board in BOARDS if board.file != OVER_ALL)

every_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.file)
every_board_of_one_plant = pytest.mark.parametrize("board", OF_ONE, ids=lambda board: board.file)


@pytest.mark.parametrize(
    ("expression", "there"),
    [
        ("up", f"up{{{CONDITION}}}"),
        ('up{job="a"}', f'up{{{CONDITION},job="a"}}'),
        ("a:b:c{}", f"a:b:c{{{CONDITION}}}"),
        ('{__name__="x"}[5m]', f'{{{CONDITION},__name__="x"}}[5m]'),
        ("sum by (line, up) (a:b:c)", f"sum by (line, up) (a:b:c{{{CONDITION}}})"),
        ("sum(a:b:c) by (line)", f"sum(a:b:c{{{CONDITION}}}) by (line)"),
        (
            "a:b:c * on () group_left (band) max(x:y)",
            f"a:b:c{{{CONDITION}}} * on () group_left (band) max(x:y{{{CONDITION}}})",
        ),
        ("sum_over_time(a:b[$__range] offset 1d)", f"sum_over_time(a:b{{{CONDITION}}}[$__range] offset 1d)"),
        ("vector(NaN) and on () (vector(1000 * time()) > $__to)",) * 2,
        (
            'label_replace(a:b, "x", "up $1", "y", "(.*)")',
            f'label_replace(a:b{{{CONDITION}}}, "x", "up $1", "y", "(.*)")',
        ),
        ("a:b > bool 1e3", f"a:b{{{CONDITION}}} > bool 1e3"),
        ('a:b{l="}",m=~"$line"}', f'a:b{{{CONDITION},l="}}",m=~"$line"}}'),
        ("max_over_time(sum(a:b)[1h:15m])", f"max_over_time(sum(a:b{{{CONDITION}}})[1h:15m])"),
    ],
)
def test_every_selector_gets_the_plant(expression: str, there: str) -> None:
    assert of_one_plant(expression) == there


def test_what_is_recorded_is_sent_and_what_is_scraped_is_not() -> None:
    assert all(is_sent(name) for name in recorded())
    assert is_sent('sum(up{job="exporters"}) + a:b')
    assert not is_sent("sum(energytrack_device_power_watts) / a:b")
    assert series_of('sum by (line) (a:b{up="x"}) or on () up') == {"a:b", "up"}


def test_there_are_boards() -> None:
    assert {"plant-overview.json", "energy.json", "pipeline-health.json", OVER_ALL} <= {board.file for board in BOARDS}


@every_board_of_one_plant
def test_a_dashboard_has_the_plant_first_and_every_question_is_about_it(board: DashboardFile) -> None:
    names = list(board.choices)
    assert names[:2] == ["datasource", "plant"]
    assert board.choices["plant"]["hide"] == 0
    for place, expression in board.asked:
        if place != "choice plant":
            assert expression.count(CONDITION) >= len(
                re.findall(r"\w+:\w+", re.sub(r"\{[^}]*\}|\[[^]]*\]", "", expression))
            )
            assert CONDITION in expression or not series_of(expression), place


@every_board
def test_a_dashboard_asks_for_nothing_that_stays_at_the_plant(board: DashboardFile) -> None:
    here = recorded() | {"up", "ALERTS"} | of_the_centre()
    for place, expression in board.asked:
        assert series_of(expression) <= here, place


@every_board
def test_no_order_is_given_from_the_centre(board: DashboardFile) -> None:
    words = list(texts(board.json))
    assert [text for text in words if text.startswith("/control/")] == []
    assert "actions" not in {prop["id"] for panel in board.panels for prop in properties(panel)}


@every_board
def test_a_link_leads_to_a_dashboard_that_is_here_and_takes_the_plant_along(board: DashboardFile) -> None:
    here = {each.json["uid"] for each in BOARDS}
    for text in texts(board.json):
        found = re.match(r"/d/([\w-]+)\?(.*)", text)
        if found:
            assert found.group(1) in here
            assert "var-plant=" in found.group(2)


@every_board
def test_an_amount_has_no_currency_of_one_plant(board: DashboardFile) -> None:
    assert [text for text in texts(board.json) if is_money(text)] == []


@every_board
def test_panels_fill_their_rows_and_do_not_overlap(board: DashboardFile) -> None:
    rows: dict[int, int] = {}
    for panel in board.json["panels"]:
        place = panel["gridPos"]
        assert place["x"] == rows.get(place["y"], 0)
        rows[place["y"]] = place["x"] + place["w"]
    assert set(rows.values()) == {24}


def properties(panel: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for override in panel.get("fieldConfig", {}).get("overrides", ()) for each in override["properties"]]


def of_the_centre() -> set[str]:
    """What its own Prometheus records."""
    rules = yaml.load(Path(ROOT / "prometheus" / "centre" / "plants.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {rule["record"] for group in rules["groups"] for rule in group["rules"] if "record" in rule}
