"""A state has one colour, in Grafana and on the operators' page."""

import colorsys
import re
from pathlib import Path
from typing import Final

import pytest

from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, MUTED, NOTICE, PLAIN, STATES, WARNING

STYLE: Final = (Path(__file__).parents[3] / "control_api" / "web" / "static" / "page.css").read_text(encoding="utf-8")
KINDS: Final = {GOOD: "green", NOTICE: "yellow", WARNING: "orange", CRITICAL: "red", PLAIN: "blue", MUTED: "grey"}
LAST_DEGREES: Final = {12: "red", 33: "orange", 60: "yellow", 170: "green", 260: "blue", 345: "purple", 360: "red"}
"""The hues of a colour's kind, up to this one."""


def kind(colour: str) -> str:
    """What people call it."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
    return "grey" if saturation < 0.3 else next(name for last, name in LAST_DEGREES.items() if 360 * hue <= last)


@pytest.mark.parametrize("state", STATES)
def test_a_state_has_the_same_colour_on_the_page(state: str) -> None:
    shown = re.findall(rf"--{state}: (#[0-9a-f]{{6}})", STYLE)
    assert len(shown) == 3, "light, dark by choice, dark by the system"
    assert {kind(colour) for colour in shown} == {KINDS[STATES[state]]}
    assert re.search(rf"\.{state}\b[^{{}}]*{{ color: var\(--{state}\)", STYLE)
