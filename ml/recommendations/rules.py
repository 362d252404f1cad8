"""When each recommendation of the catalogue is made: the rules, in terms of what is known of a machine."""

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

HOLD: Final = 0.75
"""Between raising (1) and clearing (0.5): a machine that stands tells nothing new, what is open stays open."""
HOT: Final = 3.5
LOW: Final = 3.0
"""Usual deviations from what the other signals predict that are worth a look, as measured in
docs/decisions/abnormal-behaviour.md."""
WARNINGS: Final = 2.0
"""One warning may mean nothing."""
OVER_CELSIUS: Final = 4.0
UNDER_SHARE: Final = 0.05
"""At the limit of its type a recommendation is made; half as far on the right side of it, it is closed."""
MODERATE: Final = 0.5
"""Of the alarm threshold: a risk too low to call anybody, which calls for maintenance when it persists."""


class RecommendationRule(Struct, frozen=True):
    """One entry of the catalogue."""

    code: str
    text: str
    value: Callable[[Situation], Floats]
    """How much speaks for it, [M]; NaN where nothing is known, which closes it."""
    hysteresis: AlarmRule

    def recommendation(self) -> Recommendation:
        """As it stands in an insight."""
        return Recommendation(self.code, self.text)


def recommendation_rules(*, idle_minutes: float = 15.0) -> tuple[RecommendationRule, ...]:
    """All recommendations, in the order in which they are listed in an insight."""
    idle = AlarmRule(raise_at=idle_minutes, clear_at=min(1.0, idle_minutes), cool_down_ms=5 * MINUTE)
    judged: Mapping[str, tuple[Callable[[Situation], Floats], AlarmRule]] = {
        **_JUDGED,
        SHUTDOWN: (lambda s: s.idle_minutes, idle),
    }
    return tuple(RecommendationRule(each.code, each.text, *judged[each.code]) for each in CATALOGUE)


def _cooling(s: Situation) -> Floats:
    """Too hot for what the machine draws, too hot for its type, or warned of."""
    return _most(s, _settled(s, s.temperature_shift / HOT), 1.0 + s.over_limit / OVER_CELSIUS, s.cooling_warnings)


def _leaks(s: Situation) -> Floats:
    """Less pressure than usual beside the other signals, less than the type's least, or warned of."""
    least = 1.0 + s.under_minimum / UNDER_SHARE
    return _most(s, _settled(s, -s.pressure_shift / LOW), _settled(s, least), s.leak_warnings)


def _sensor(s: Situation) -> Floats:
    """Lost or stuck; a machine that is down may have been switched off with its sensors."""
    stuck = np.fmax(s.stuck_minutes / STUCK_MINUTES, s.repeated_minutes / REPEATED_MINUTES)
    return _most(s, s.lost_minutes / LOST_MINUTES, stuck, s.sensor_warnings)


def _abnormal(s: Situation) -> Floats:
    """Off its own usual range, as far as that is known; a machine at rest tells nothing new."""
    return np.where(s.down, np.nan, np.where(s.settled, s.abnormal, HOLD))


def _settled(s: Situation, value: Floats) -> Floats:
    """What speaks for it while the machine can be compared with its past; before that, nothing new."""
    return np.where(s.settled, value, HOLD)


def _most(s: Situation, sign: Floats, other: Floats, warnings: Floats) -> Floats:
    """The strongest of what speaks for it, warnings among it; NaN for a machine that is down."""
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
})  # fmt: skip
