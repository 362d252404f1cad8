"""No panel asks for a series that nobody exports."""

import re

import pytest

from tests.unit.grafana.dashboards import DashboardFile, every_board
from tests.unit.grafana.series import OF_OTHERS, OF_PROMETHEUS, OF_THE_LIBRARY, ROOT, exported, named, recorded


@every_board
def test_somebody_makes_every_series_that_is_asked_for(board: DashboardFile) -> None:
    there = exported() | recorded() | OF_PROMETHEUS | OF_THE_LIBRARY | OF_OTHERS
    missing = {place: names for place, expression in board.asked if (names := named(expression) - there)}
    assert missing == {}


@pytest.mark.parametrize("name", sorted(OF_OTHERS))
def test_a_service_names_it_in_its_code(name: str) -> None:
    folders = ("control_api", "ml", "energytrack")
    code = (file.read_text(encoding="utf-8") for folder in folders for file in (ROOT / folder).rglob("*.py"))
    written = {f'"{name}"', f'"{re.sub("_(total|bucket)$", "", name)}"'}  # the library adds these by itself
    assert any(word in text for text in code for word in written)


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("sum by (line) (rate(a_total[$__rate_interval]))", {"a_total"}),
        ('a:b:c{line=~"x|y"} offset 1d / on (band) group_left (band) d / 3.6e6', {"a:b:c", "d"}),
        ("max_over_time(sum(a)[$__range:5m]) or on () vector(0)", {"a"}),
        ("time() - (a > 0)", {"a"}),
    ],
)
def test_names_are_found(expression: str, names: set[str]) -> None:
    assert named(expression) == names
