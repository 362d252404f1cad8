"""When each recommendation of the catalogue is opened and closed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from msgspec import Struct

from energytrack.catalogue import CATALOGUE
from energytrack.messages import Recommendation
from ml.arrays import Floats
from ml.measures.alarms import AlarmRule, failure_rule
from ml.recommendations.sensors import LOST_MINUTES, REPEATED_MINUTES, STUCK_MINUTES
from ml.recommendations.situation import Situation

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

INSPECT: Final = "inspect_24h"
SHUTDOWN: Final = "scheduled_shutdown"
COOLING: Final = "check_cooling"
LEAKS: Final = "check_leaks"
SENSOR: Final = "check_sensor"
TOOL: Final = "change_tool"
MAINTENANCE: Final = "plan_maintenance"
ABNORMAL: Final = "abnormal_behaviour"
STOP: Final = "cheapest_stop"

HOLD: Final = 0.75
"""Between raising (1) and clearing (0.5): a stopped machine gives no new information, so open recommendations stay
open.
"""
HOT: Final = 3.5
LOW: Final = 3.0
"""Usual deviations from what the other signals predict that are worth an inspection, as measured in
docs/decisions/abnormal-behaviour.md.
"""
WARNINGS: Final = 2.0
"""A single fault code may mean nothing."""
OVER_CELSIUS: Final = 4.0
UNDER_SHARE: Final = 0.05
"""Opened at the limit of the type, closed half as far on the safe side of it."""
MODERATE: Final = 0.5
"""As a share of the alarm threshold: too low for an alarm, but a reason for maintenance if it persists."""
WORTH_A_STOP: Final = 0.1
"""As a share of the expected cost of running on: saving less is within the uncertainty."""


class RecommendationRule(Struct, frozen=True):
    """One entry of the catalogue."""

    code: str
    text: str
    value: Callable[[Situation], Floats]
    """The evidence for it, [M]; NaN if unknown, which closes it."""
    hysteresis: AlarmRule

    def recommendation(self) -> Recommendation:
        """The recommendation as in an insight."""
        return Recommendation(self.code, self.text)


def recommendation_rules(*, idle_minutes: float = 15.0) -> tuple[RecommendationRule, ...]:
    """The rules of all recommendations, in the order of an insight."""
    idle = AlarmRule(raise_at=idle_minutes, clear_at=min(1.0, idle_minutes), cool_down_ms=5 * MINUTE)
    judged: Mapping[str, tuple[Callable[[Situation], Floats], AlarmRule]] = {
        **_JUDGED,
        SHUTDOWN: (lambda s: s.idle_minutes, idle),
    }
    return tuple(RecommendationRule(each.code, each.text, *judged[each.code]) for each in CATALOGUE)


def _cooling(s: Situation) -> Floats:
    """Too hot for its current, too hot for its type, or a fault code."""
    return _most(s, _settled(s, s.temperature_shift / HOT), 1.0 + s.over_limit / OVER_CELSIUS, s.cooling_warnings)


def _leaks(s: Situation) -> Floats:
    """Less pressure than the other signals predict, less than the type's minimum, or a fault code."""
    least = 1.0 + s.under_minimum / UNDER_SHARE
    return _most(s, _settled(s, -s.pressure_shift / LOW), _settled(s, least), s.leak_warnings)


def _sensor(s: Situation) -> Floats:
    """Lost or stuck; a machine that is down may have been switched off with its sensors."""
    stuck = np.fmax(s.stuck_minutes / STUCK_MINUTES, s.repeated_minutes / REPEATED_MINUTES)
    return _most(s, s.lost_minutes / LOST_MINUTES, stuck, s.sensor_warnings)


def _abnormal(s: Situation) -> Floats:
    """Outside its own usual range, or unlike what a model knows as normal; at rest there is no new information."""
    unusual = np.fmax(s.abnormal, s.novelty_to_threshold_ratio)
    return np.where(s.down, np.nan, np.where(s.settled, unusual, HOLD))


def _settled(s: Situation, value: Floats) -> Floats:
    """The evidence while the machine can be compared with its history; before that, no new information."""
    return np.where(s.settled, value, HOLD)


def _most(s: Situation, sign: Floats, other: Floats, warnings: Floats) -> Floats:
    """The strongest evidence, including fault codes; NaN for a machine that is down."""
    strongest = np.fmax(np.fmax(sign, other), warnings / WARNINGS)
    return np.where(s.down, np.nan, strongest)


def _rule(*, confirm: int = 0, cool_down: int) -> AlarmRule:
    return AlarmRule(raise_at=1.0, clear_at=0.5, confirm_ms=confirm, cool_down_ms=cool_down)


_JUDGED: Final[Mapping[str, tuple[Callable[[Situation], Floats], AlarmRule]]] = MappingProxyType({
    INSPECT: (lambda s: s.risk_to_threshold_ratio, failure_rule(1.0)),
    COOLING: (_cooling, _rule(confirm=10 * MINUTE, cool_down=30 * MINUTE)),
    LEAKS: (_leaks, _rule(confirm=5 * MINUTE, cool_down=30 * MINUTE)),
    SENSOR: (_sensor, _rule(cool_down=10 * MINUTE)),
    TOOL: (lambda s: np.where(s.down, np.nan, s.tool_warnings / WARNINGS), _rule(cool_down=HOUR)),
    MAINTENANCE: (lambda s: s.risk_to_threshold_ratio / MODERATE, _rule(confirm=2 * HOUR, cool_down=6 * HOUR)),
    ABNORMAL: (_abnormal, _rule(confirm=10 * MINUTE, cool_down=HOUR)),
    STOP: (lambda s: s.stop_saving_ratio / WORTH_A_STOP, _rule(confirm=5 * SECOND, cool_down=10 * MINUTE)),
})  # fmt: skip
