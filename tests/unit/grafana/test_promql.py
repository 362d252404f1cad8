"""Every question of every dashboard is PromQL."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from testkit.rules.promtool import promtool
from tests.unit.grafana.dashboards import DashboardFile, boards, every_board, plain

SUBQUERY: Final = re.compile(r"\[[^\[\]]+:[^\[\]]*\]")


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
def test_a_subquery_that_has_no_step_yet_has_a_stand_in(board: DashboardFile) -> None:
    """Its steps lie on the clock: a panel of a plant begun after the last of them has a stand-in, or words for it."""
    worded = {
        panel["title"] for panel in board.panels if panel.get("fieldConfig", {}).get("defaults", {}).get("noValue")
    }
    steps = [(place, expr) for place, expr in board.asked if SUBQUERY.search(expr)]
    assert [place for place, expr in steps if " or " not in expr and place not in worded] == []


def test_the_peak_counts_full_quarter_hours_only(tmp_path: Path) -> None:
    """300 W for four minutes at the start are no peak; a whole quarter hour of 200 W is one, from its end on.

    The plant begins six minutes after the hour: the quarter hour that it begins in is left out.
    """
    (expression,) = (plain(expr) for board in boards() for place, expr in board.asked if place == "Peak")
    series = 'line_type:power_watts:sum{line="a",device_type="press"}'
    began = "_ " * (4 * 66)  # samples of 15 s
    watts = {"series": series, "values": f"{began}300x15 100x15 200x400"}
    peaks = {"74m": None, "75m": None, "91m": 200.0, "121m": 200.0}
    asked = [
        {"expr": expression, "eval_time": at, "exp_samples": [] if peak is None else [{"labels": "{}", "value": peak}]}
        for at, peak in peaks.items()
    ]
    file = tmp_path / "peak.json"  # JSON is YAML
    file.write_text(
        json.dumps({"tests": [{"interval": "15s", "input_series": [watts], "promql_expr_test": asked}]}),
        encoding="utf-8",
    )
    promtool("test", "rules", file)


def test_production_says_zero_only_after_today_was_worked_out(tmp_path: Path) -> None:
    """Before that, nobody knows whether a machine stood."""
    questions = [
        (place, plain(expr)) for board in boards() if board.file == "production.json" for place, expr in board.asked
    ]
    counts = [expr for place, expr in questions if place in {"Time stopped", "Unexplained", "Micro-stops"}]
    assert len(counts) == 3
    kind = 'device_type="press",line="press-shop"'
    planned = {
        "series": f'energytrack_production_planned_seconds{{device_id="press-0001",{kind}}}',
        "values": "_ 60 120",
    }
    reasons = f'{{{kind},reason="No reason given",planned="no"}}'
    stood = [
        {"series": f"energytrack_production_stop_seconds{reasons}", "values": "_ _ 300"},
        {"series": f"energytrack_production_stops{reasons}", "values": "_ _ 2"},
        {"series": f'energytrack_production_micro_stops{{device_id="press-0001",{kind}}}', "values": "_ _ 7"},
    ]
    asked = [
        {"expr": expr, "eval_time": at, "exp_samples": [] if value is None else [{"labels": "{}", "value": value}]}
        for expr, last in zip(counts, (300, 2, 7), strict=True)
        for at, value in (("0m", None), ("1m", 0), ("2m", last))
    ]
    file = tmp_path / "production.json"
    file.write_text(
        json.dumps({"tests": [{"interval": "1m", "input_series": [planned, *stood], "promql_expr_test": asked}]}),
        encoding="utf-8",
    )
    promtool("test", "rules", file)
