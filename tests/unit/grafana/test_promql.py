"""Every question of every dashboard is PromQL."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from testkit.promtool import promtool
from tests.unit.grafana.dashboards import Board, boards, plain

SUBQUERY: Final = re.compile(r"\[[^\[\]]+:[^\[\]]*\]")

every_board = pytest.mark.parametrize("board", boards(), ids=lambda board: board.file)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_prometheus_understands_every_question(tmp_path: Path) -> None:
    asked = [(board.file, place, plain(expression)) for board in boards() for place, expression in board.asked]
    rules = [{"record": f"asked:{number}", "expr": expression} for number, (*_, expression) in enumerate(asked)]
    file = tmp_path / "rules.json"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "dashboards", "rules": rules}]}), encoding="utf-8")
    checked = subprocess.run(("promtool", "check", "rules", str(file)), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert f"{len(asked)} rules found" in checked.stdout


@every_board
def test_a_subquery_that_has_no_step_yet_has_a_stand_in(board: Board) -> None:
    """Its steps lie on the clock: without a stand-in, a panel of a plant begun after the last of them is blank."""
    assert [place for place, expr in board.asked if SUBQUERY.search(expr) and " or " not in expr] == []


def test_the_peak_is_known_from_the_first_minute(tmp_path: Path) -> None:
    """Between two steps, and then over them: 100 W at first, 300 W for a while, 200 W in the end."""
    (expression,) = (plain(expr) for board in boards() for place, expr in board.asked if place == "Peak")
    began = "_ " * 61  # minutes without a plant: it begins just after a multiple of five
    series = 'line_type:power_watts:sum{line="a",device_type="press"}'
    watts = {"series": series, "values": f"{began}100x3 300x40 200x50"}
    peaks = {"61m": 100, "63m": 100, "105m": 300, "154m": 300}
    asked = [
        {"expr": expression, "eval_time": at, "exp_samples": [{"labels": "{}", "value": peak}]}
        for at, peak in peaks.items()
    ]
    file = tmp_path / "peak.json"  # JSON is YAML
    file.write_text(
        json.dumps({"tests": [{"interval": "1m", "input_series": [watts], "promql_expr_test": asked}]}),
        encoding="utf-8",
    )
    promtool("test", "rules", file)
