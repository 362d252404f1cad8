"""The features: one definition for live scoring, training, retraining and evaluation."""

from functools import cached_property
from typing import Final

from msgspec import Struct

FEATURES_VERSION: Final = 2
"""Increased when a feature changes its meaning but not its name."""
STATISTICS: Final = ("mean", "deviation", "rise")
"""Statistics of each signal's bucket means over each window: mean, standard deviation, and rise of a fitted line."""
OTHER: Final = "other"
"""The name for codes and components that are not in the vocabulary."""


class FeatureSpec(Struct, frozen=True, dict=True):
    """The features of a model. It is part of the model's card, and the same spec gives the same features everywhere."""

    signals: tuple[str, ...]
    bucket_seconds: float
    """Readings are summed in buckets of this length, and windows consist of buckets."""
    floors: tuple[float, ...]
    """For each signal, the deviation that is still noise: sensor noise and resolution."""
    windows: tuple[int, ...] = (5, 15, 60)
    """Lengths in buckets, rising; a window ends with the last complete bucket."""
    baseline_blocks: int = 48
    """How many blocks, each as long as the longest window, define a machine's usual range."""
    reference_blocks: int = 0
    """How many of a machine's first blocks define its initial state, if that is used: they must be normal operation."""
    codes: tuple[str, ...] = ()
    """Fault codes with a feature of their own; all further ones count as `other`."""
    code_hours: tuple[float, ...] = (1.0, 24.0)
    """Time spans over which fault codes are counted, rising; the longest also by code."""
    repair_hours: tuple[float, ...] = ()
    """Time spans, rising, over which only fault codes since the machine's last repair or failure are counted."""
    components: tuple[str, ...] = ()
    """Components whose last maintenance has a feature of its own; all further ones count as `other`."""
    device_types: tuple[str, ...] = ()

    @property
    def bucket_ms(self) -> int:
        """The bucket's length in milliseconds."""
        return round(self.bucket_seconds * 1000)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The features' names, in the order of the columns; a signal's own name is its mean over the last bucket."""
        spans = [duration(window * self.bucket_seconds) for window in self.windows]
        day = duration(self.code_hours[-1] * 3600)
        return (
            *self.signals,
            *(f"{signal}_{name}_{span}" for signal in self.signals for span in spans for name in STATISTICS),
            *(f"{signal}_shift" for signal in self.signals),
            "largest_shift",
            "unusual",
            *self.departures,
            *(f"codes_{duration(hours * 3600)}" for hours in self.code_hours),
            *(f"code_{code}_{day}" for code in (*self.codes, OTHER)),
            "hours_since_code",
            "hours_since_failure",
            "hours_since_maintenance",
            *(f"hours_since_maintenance_{component}" for component in (*self.components, OTHER)),
            *self.codes_since_repair,
            "age_years",
            *(f"type_{device_type}" for device_type in self.device_types),
        )

    @property
    def of_readings(self) -> int:
        """The number of features from readings alone; they come first."""
        return len(self.signals) * (len(self.windows) * len(STATISTICS) + 2) + 2 + len(self.departures)

    @cached_property
    def departures(self) -> tuple[str, ...]:
        """How far each signal's mean over the middle and the longest window is from the machine's initial state."""
        if not self.reference_blocks:
            return ()
        spans = [duration(self.windows[place] * self.bucket_seconds) for place in (self.middle, -1)]
        return tuple(f"{signal}_departure_{span}" for span in spans for signal in self.signals)

    @cached_property
    def codes_since_repair(self) -> tuple[str, ...]:
        """Counts of warnings that no repair, and no failure, has dealt with yet."""
        return tuple(f"codes_since_repair_{duration(round(hours * 3600))}" for hours in self.repair_hours)

    @property
    def codes_reach_hours(self) -> float:
        """How far back fault codes matter."""
        return max((*self.code_hours, *self.repair_hours))

    @cached_property
    def levels(self) -> frozenset[str]:
        """Features of a signal's level; the others describe its changes and deviations."""
        spans = [duration(window * self.bucket_seconds) for window in self.windows]
        return frozenset((*self.signals, *(f"{signal}_mean_{span}" for signal in self.signals for span in spans)))

    @property
    def middle(self) -> int:
        """The window that is compared with the usual range."""
        return min(1, len(self.windows) - 1)

    @cached_property
    def general(self) -> frozenset[str]:
        """Features that do not name a signal, a code or a component: they also work for unseen kinds of faults."""
        counts = (f"codes_{duration(hours * 3600)}" for hours in self.code_hours)
        since = ("hours_since_code", "hours_since_failure", "hours_since_maintenance")
        return frozenset(("largest_shift", "unusual", "age_years", *since, *counts, *self.codes_since_repair))


PLAIN: Final = FeatureSpec(signals=("temperature", "pressure", "current"), bucket_seconds=60.0, floors=(1.0, 1.0, 1.0))
"""The features to store data for while there is no model: enough for a later one."""


def duration(seconds: float) -> str:
    """A time span as part of a feature's name: 45s, 5m, 1h, 60h."""
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"
