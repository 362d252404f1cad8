"""Which features there are: one definition for live scoring, training, retraining and evaluation."""

from functools import cached_property
from typing import Final

from msgspec import Struct

FEATURES_VERSION: Final = 2
"""Raised when a feature of the same name comes to mean something else."""
STATISTICS: Final = ("mean", "deviation", "rise")
"""Of each signal's bucket means over each window: their mean, deviation, and how far a line through them climbs."""
OTHER: Final = "other"
"""Where a code or a component lands that the vocabulary does not know."""


class FeatureSpec(Struct, frozen=True, dict=True):
    """What a model looks at. It stands on the model's card, and the same spec makes the same features anywhere."""

    signals: tuple[str, ...]
    bucket_seconds: float
    """Readings are summed up in buckets of this length, and windows are laid over the buckets."""
    floors: tuple[float, ...]
    """Of each signal the deviation below which a difference means nothing: sensor noise and resolution."""
    windows: tuple[int, ...] = (5, 15, 60)
    """Lengths in buckets, rising; a window ends with the last bucket that was complete at a moment."""
    baseline_blocks: int = 48
    """How many blocks, each as long as the longest window, make up what is usual for a machine."""
    reference_blocks: int = 0
    """How many blocks from a machine's first on stand for how it began, where that is looked at: they must be sound."""
    codes: tuple[str, ...] = ()
    """Controllers' warnings that are told apart; any further one counts as `other`."""
    code_hours: tuple[float, ...] = (1.0, 24.0)
    """Spans over which warnings are counted, rising; the longest also by code."""
    components: tuple[str, ...] = ()
    """Components whose last maintenance is told apart; any further one counts as `other`."""
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
            "age_years",
            *(f"type_{device_type}" for device_type in self.device_types),
        )

    @property
    def of_readings(self) -> int:
        """How many features come from the readings alone; they stand first."""
        return len(self.signals) * (len(self.windows) * len(STATISTICS) + 2) + 2 + len(self.departures)

    @cached_property
    def departures(self) -> tuple[str, ...]:
        """How far each signal's mean over the middle and the longest window lies from how the machine began."""
        if not self.reference_blocks:
            return ()
        spans = [duration(self.windows[place] * self.bucket_seconds) for place in (self.middle, -1)]
        return tuple(f"{signal}_departure_{span}" for span in spans for signal in self.signals)

    @cached_property
    def levels(self) -> frozenset[str]:
        """Features that tell how high a signal is; the others tell how it moves, and how far off it is."""
        spans = [duration(window * self.bucket_seconds) for window in self.windows]
        return frozenset((*self.signals, *(f"{signal}_mean_{span}" for signal in self.signals for span in spans)))

    @property
    def middle(self) -> int:
        """Which window is compared with what is usual."""
        return min(1, len(self.windows) - 1)

    @cached_property
    def general(self) -> frozenset[str]:
        """Features that do not name a signal, a code or a component: what they tell carries over to unseen faults."""
        counts = (f"codes_{duration(hours * 3600)}" for hours in self.code_hours)
        since = ("hours_since_code", "hours_since_failure", "hours_since_maintenance")
        return frozenset(("largest_shift", "unusual", "age_years", *since, *counts))


PLAIN: Final = FeatureSpec(signals=("temperature", "pressure", "current"), bucket_seconds=60.0, floors=(1.0, 1.0, 1.0))
"""What is remembered of devices while there is no model: enough for one that comes later."""


def duration(seconds: float) -> str:
    """A length of time as it stands in a feature's name: 45s, 5m, 1h, 60h."""
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"
