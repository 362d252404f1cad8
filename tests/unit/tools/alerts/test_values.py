"""Durations in texts of alerts, as Prometheus and Grafana fill them in: whole units, as people say them."""

from pathlib import Path
from typing import Any, Final

import yaml

from testkit.rules.grafana import fired_by
from testkit.rules.promtool import PROMETHEUS
from tools.alerts.values import IN_WORDS, whole

SAID: Final[dict[float, str]] = {
    1.0: "1 s",
    45.7: "45 s",
    60.0: "1 min",
    119.0: "1 min",
    2400.0: "40 min",
    7200.0: "2 h",
    8388.0: "2 h 19 min",
    36_059.0: "10 h",
    46_800.0: "13 h",
    86_400.0: "1 day",
    104_000.0: "1 day 4 h",
    172_800.0: "2 days",
    260_000.0: "3 days",
    263_000.0: "3 days 1 h",
    1_050_000.0: "12 days",
}


def said(text: str, seconds: dict[float, str], folder: Path) -> dict[float, str]:
    """What a template says of values, as Prometheus fills it in."""
    rule: dict[str, Any] = {"alert": "Said", "expr": "seconds", "annotations": {"text": text}}
    given = {f'seconds{{place="{place}"}}': f"{value}x5" for place, value in enumerate(seconds)}
    shown = fired_by([rule], given, at="1m", folder=folder)["Said"]
    by_place = {each["labels"]["place"]: each["annotations"]["text"] for each in shown}
    return {value: by_place[str(place)] for place, value in enumerate(seconds)}


def test_a_duration_is_said_in_whole_units(tmp_path: Path) -> None:
    assert said(f"{{{{ {whole('$value')} }}}}", SAID, tmp_path) == SAID
    assert said(IN_WORDS["duration"].replace("VALUE", "$value"), {0.4: ""}, tmp_path) == {0.4: "less than a second"}


def test_the_centre_says_it_in_the_same_way() -> None:
    rules = yaml.load((PROMETHEUS / "centre" / "plants.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    texts = [rule["annotations"]["summary"] for rule in rules["groups"][0]["rules"] if "alert" in rule]
    assert [text for text in texts if "humanizeDuration" in text and whole("$value") not in text] == []
