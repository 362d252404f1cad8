"""Forecasts how the current quarter hour will end, with the errors of earlier forecasts. Pure."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from energytrack.metering.quarters import QUARTER_SECONDS, QUARTERS_PER_HOUR

MINUTES: Final = 15
KEPT: Final = 96 * 7
"""Quarter hours whose errors make the interval: a week."""
ENOUGH: Final = 40
"""Below this number of past forecasts no interval is given."""
LOW, HIGH = 0.1, 0.9
SECONDS_PER_HOUR: Final = 3600.0


class RunningQuarter(NamedTuple):
    """The current quarter hour so far."""

    elapsed: float
    """Seconds since it began."""
    kwh: float
    """Used since it began."""
    watts: float
    """Mean power of the last minute."""

    @property
    def minute(self) -> int:
        """Whole minutes since it began, 0 to 14."""
        return min(int(self.elapsed // 60.0), MINUTES - 1)

    @property
    def left(self) -> float:
        """Seconds until it ends."""
        return max(0.0, QUARTER_SECONDS - self.elapsed)


class Forecast(NamedTuple):
    """Mean power of the quarter hour when it ends, in kW."""

    kw: float
    low: float | None
    """Four of five forecasts at this minute ended above `low` and below `high`; None while too few are known."""
    high: float | None
    past_error_kw: float | None
    """Mean absolute error of the past forecasts at this minute."""


def ends_at_kw(running: RunningQuarter) -> float:
    """The forecast in kW, if power stays as it was in the last minute."""
    rest_kwh = running.watts / 1000.0 * running.left / SECONDS_PER_HOUR
    return (running.kwh + rest_kwh) * QUARTERS_PER_HOUR


class PastErrors:
    """Errors of past forecasts by minute: actual minus forecast."""

    def __init__(self) -> None:
        self._by_minute: Mapping[int, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))

    def add(self, forecasts: Sequence[float | None], ended_at_kw: float) -> None:
        """Add a quarter hour that is over; `forecasts` has one for each of its minutes, None if it was not watched."""
        for minute, forecast in enumerate(forecasts):
            if forecast is not None:
                self._by_minute[minute].append(ended_at_kw - forecast)

    def forecast(self, running: RunningQuarter) -> Forecast:
        """The forecast of its end, with the interval by past errors."""
        kw = ends_at_kw(running)
        errors = sorted(self._by_minute[running.minute])
        if not errors:
            return Forecast(kw, None, None, None)
        past = sum(map(abs, errors)) / len(errors)
        if len(errors) < ENOUGH:
            return Forecast(kw, None, None, past)
        used = running.kwh * QUARTERS_PER_HOUR
        low, high = kw + _quantile(errors, LOW), kw + _quantile(errors, HIGH)
        return Forecast(kw, max(used, min(low, kw)), max(high, kw), past)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """A quantile by linear interpolation, numpy's default."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
