"""Remaining life in the texts of alarms about risk: rounded, and with what is known of its ends."""

from pathlib import Path
from typing import Any

import pytest

from testkit.rules.grafana import fired_by
from tools.alerts.reasons import PROMETHEUS_TEXT


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [
        (8388, None, "It has at least 2 h 20 min (8 of 10 in such a state). "),
        (780, 8388, "It has at least 13 min, at most 2 h 20 min (8 of 10 in such a state). "),
        (0, 1200, "It has at most 20 min (8 of 10 in such a state). "),
        (50_000, 250_000, "It has at least 14 h, at most 2 days 21 h (8 of 10 in such a state). "),
        (604_800, None, "It has at least 7 days (8 of 10 in such a state). "),
        (0, None, ""),
        (None, None, ""),
    ],
)
def test_a_remaining_life_is_said_in_round_numbers(
    least: float | None, most: float | None, text: str, tmp_path: Path
) -> None:
    rule: dict[str, Any] = {"alert": "Said", "expr": "risk", "annotations": {"text": PROMETHEUS_TEXT}}
    given = {'risk{device_id="press-7"}': "1x5"}
    for end, seconds in (("least", least), ("most", most)):
        if seconds is not None:
            given[f'energytrack_device_remaining_life_at_{end}_seconds{{device_id="press-7"}}'] = f"{seconds}x5"
    (shown,) = fired_by([rule], given, at="1m", folder=tmp_path)["Said"]
    assert shown["annotations"].get("text", "") == text
