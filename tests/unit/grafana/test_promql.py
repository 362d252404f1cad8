"""Every question of every dashboard is PromQL."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.grafana.dashboards import boards, plain


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_prometheus_understands_every_question(tmp_path: Path) -> None:
    asked = [(board.file, place, plain(expression)) for board in boards() for place, expression in board.asked]
    rules = [{"record": f"asked:{number}", "expr": expression} for number, (*_, expression) in enumerate(asked)]
    file = tmp_path / "rules.json"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "dashboards", "rules": rules}]}), encoding="utf-8")
    checked = subprocess.run(("promtool", "check", "rules", str(file)), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert f"{len(asked)} rules found" in checked.stdout
