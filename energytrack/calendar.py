"""The plant's week: when people work, and when energy costs what."""

from datetime import datetime, time
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from energytrack.messages import Name

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of the day on some weekdays, in plant time; one whose end is not after its start runs past midnight."""

    days: tuple[Weekday, ...]
    start: time
    end: time

    def contains(self, local: datetime) -> bool:
        """Whether a local time lies within; the start counts, the end does not."""
        clock = local.time()
        if not between(self.start, clock, self.end):
            return False
        began_today = self.start < self.end or clock >= self.start
        return WEEKDAYS[(local.weekday() if began_today else local.weekday() - 1) % 7] in self.days


class Shift(Struct, frozen=True, forbid_unknown_fields=True):
    """When people work."""

    name: Name
    window: Window
    breaks: tuple[tuple[time, time], ...] = ()
    """From and until; one may run past midnight like its shift."""

    def at_work(self, local: datetime) -> bool:
        """Whether its people are at work at a local time: within its window, and not in a break."""
        clock = local.time()
        return self.window.contains(local) and not any(between(start, clock, end) for start, end in self.breaks)


class Band(Struct, frozen=True, forbid_unknown_fields=True):
    """A tariff band: what a kilowatt hour costs in some windows."""

    name: Name
    price_per_kwh: Annotated[float, Meta(ge=0)]
    windows: tuple[Window, ...] = ()
    """None in the last band of a tariff, which holds at all other times."""


class Tariff(Struct, frozen=True, forbid_unknown_fields=True):
    """What energy costs; the first band with a window that contains the time holds."""

    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    bands: Annotated[tuple[Band, ...], Meta(min_length=1)]

    def band(self, local: datetime) -> Band:
        """The band that holds at a local time."""
        for band in self.bands:
            if any(window.contains(local) for window in band.windows):
                return band
        return self.bands[-1]


def between(start: time, clock: time, end: time) -> bool:
    """Whether a time of day lies in a stretch; one whose end is not after its start runs past midnight."""
    return start <= clock < end if start < end else clock >= start or clock < end
