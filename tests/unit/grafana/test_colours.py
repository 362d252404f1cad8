"""A state has one colour, in Grafana and on the operators' page."""

import colorsys
import itertools
import math
import re
from pathlib import Path
from typing import Final

import pytest

from tools.dashboards.kit.wording.colours import CRITICAL, GOOD, MUTED, NOTICE, PLAIN, STATES, WARNING, distinct

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


def _lab(colour: str) -> tuple[float, float, float]:
    """Lightness and the two axes of colour in CIELAB (white point D65), in which equal distances look equal."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    ]
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    x, y, z = (
        (share ** (1 / 3) if share > 216 / 24389 else (24389 / 27 * share + 16) / 116)
        for share in (
            sum(weight * part for weight, part in zip(row, linear, strict=True)) / most
            for row, most in zip(rows, white, strict=True)
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_lines_are_told_apart_by_their_colours() -> None:
    """Two blues of six lines were 15 apart."""
    values = [looks[0].value for _, looks in distinct(map(str, range(8)))]
    shown = [value["fixedColor"] for value in values if isinstance(value, dict)]
    assert len(shown) == 8
    apart = {(one, other): math.dist(_lab(one), _lab(other)) for one, other in itertools.combinations(shown, 2)}
    assert {pair: far for pair, far in apart.items() if far < 30} == {}
