"""The meaning of colours, the same on every dashboard; all are Grafana's own names, which suit both themes."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    DynamicConfigValue,
    MatcherConfig,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

GOOD: Final = "semi-dark-green"
NOTICE: Final = "semi-dark-yellow"
WARNING: Final = "semi-dark-orange"
CRITICAL: Final = "semi-dark-red"
PLAIN: Final = "semi-dark-blue"
MUTED: Final = "#8e9299"

SILENT: Final = "silent"
STATES: Final[Mapping[str, str]] = MappingProxyType(
    {"running": GOOD, "idle": NOTICE, "stopped": MUTED, "maintenance": PLAIN, "failed": CRITICAL, SILENT: WARNING}
)
"""A machine's states in display order; the last one is for machines that do not report."""


def steps(base: str, *above: tuple[float, str]) -> ThresholdsConfig:
    """Colours by value: `base` below the first number, then each colour from its number on."""
    first = Threshold(value=None, color=base)
    return (
        ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([first, *(Threshold(value=value, color=colour) for value, colour in above)])
    )


def plain() -> ThresholdsConfig:
    """Thresholds without a meaning: no value is better or worse than another."""
    return steps(PLAIN)


def more_is_worse(notice: float, critical: float) -> ThresholdsConfig:
    """Good below the first number, critical from the second on."""
    return steps(GOOD, (notice, WARNING), (critical, CRITICAL))


def more_is_better(critical: float, good: float) -> ThresholdsConfig:
    """Critical below the first number, good from the second on."""
    return steps(CRITICAL, (critical, WARNING), (good, GOOD))


RISK: Final = steps(PLAIN, (0.9, CRITICAL))
"""Failure probabilities: above 90 % maintenance is paged. Below, what is high depends on the model's threshold, which
changes with the model: a word or a dashed line says it, not a colour.
"""

_SERIES: Final = (
    "#5794F2", "#B877D9", "#2EB8B0", "#E0679B", "#A0753F", "#9AB93A", "#7830F0", "#D9C3A0",
)  # fmt: skip
"""Colours of lines and types; none of them is the colour of a state."""


def words(*meanings: tuple[str, str, str]) -> list[ValueMapping]:
    """Values shown as words: (value, word, colour)."""
    return [
        ValueMap(
            options={
                value: ValueMappingResult(text=word, color=colour, index=index)
                for index, (value, word, colour) in enumerate(meanings)
            }
        )
    ]


def not_known(said: str, match: SpecialValueMatch = SpecialValueMatch.NULL_AND_NAN) -> SpecialValueMap:
    """The text instead of a value that is missing or NaN."""
    unknown = ValueMappingResult(text=said, color=MUTED, index=0)
    return SpecialValueMap(DashboardSpecialValueMapOptions(match=match, result=unknown))


def painted(name: str, colour: str) -> tuple[MatcherConfig, list[DynamicConfigValue]]:
    """An override that gives the series of that name its colour."""
    return (
        MatcherConfig(id_val="byName", options=name),
        [DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": colour})],
    )


def distinct(names: Iterable[str]) -> list[tuple[MatcherConfig, list[DynamicConfigValue]]]:
    """Overrides that give each line (or type) the same colour on all dashboards, by its place in the plant file.

    Similar names get different colours, and the ninth has the first colour again, dashed.
    """
    overrides = []
    for place, name in enumerate(names):
        matcher, looks = painted(name, _SERIES[place % len(_SERIES)])
        if place >= len(_SERIES):
            looks = [*looks, DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [8, 4]})]
        overrides.append((matcher, looks))
    return overrides


def dashed(name: str, colour: str) -> tuple[MatcherConfig, list[DynamicConfigValue]]:
    """An override that draws the series of that name as a limit: dashed, without fill."""
    matcher, looks = painted(name, colour)
    return matcher, [
        *looks,
        DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [8, 8]}),
        DynamicConfigValue(id_val="custom.fillOpacity", value=0),
    ]
