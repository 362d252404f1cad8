"""Hours in a column of their own, counted from the beginning of the day: 1 to 24, 23 or 25 when the clocks change."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from energytrack.importer.cells.dates import DAY_MS, NONE
from energytrack.importer.choices import Choices, FileFinding, NotProved
from energytrack.importer.content import Ints
from energytrack.importer.values.zones import utc_of, zone_named

HOUR_MS: Final = 3_600_000
UNUSUAL: Final = (23, 25)


def in_hours(
    days: Ints, column: "pd.Series[str]", choices: Choices, *, heading: str, plant_zone: str
) -> tuple[Ints, Sequence[FileFinding]]:
    """When each hour begins, in UTC, from its local day and its number; raises NotProved."""
    hours = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    known = (days != NONE) & np.isfinite(hours)
    base, why = _base(hours[known], choices, heading)
    zone = zone_named(choices.zone or plant_zone)
    none = np.zeros(len(days), dtype=np.bool_)
    midnight = np.where(known, utc_of(np.where(known, days, NONE), zone, second=none), 0)
    following = np.where(known, utc_of(np.where(known, days + DAY_MS, NONE), zone, second=none), 0)
    place = np.where(known, hours, base).astype(np.int64) - base
    length = (following - midnight) // HOUR_MS
    for day in np.unique(days[known & np.isin(length, UNUSUAL)]).tolist():
        mine = known & (days == day)
        most, rows = int(place[mine].max()) + 1, len(np.unique(place[mine]))
        if rows >= UNUSUAL[0] - 1 and most != int(length[mine][0]):
            date = np.datetime64(day, "ms").astype("datetime64[D]")
            raise NotProved(
                "zone",
                f"{heading!r} counts {most} hours on {date}, and that day in {zone} has {length[mine][0]}",
                "UTC",
            )
    at = np.where(known, midnight + place * HOUR_MS, NONE)
    return at, (
        FileFinding("labels", "begin" if base == 0 else "end", why),
        FileFinding("zone", str(zone), f"{heading!r} counts the hours of its days"),
    )


def _base(hours: "np.ndarray[tuple[int], np.dtype[np.float64]]", choices: Choices, heading: str) -> tuple[int, str]:
    """The number of a day's first hour, and why."""
    if (hours == 0).any():
        return 0, f"{heading!r} counts from 0"
    if (hours >= 24).any():
        return 1, f"{heading!r} counts from 1 to {hours.max():.0f}"
    if choices.labels is not None:
        return (0 if choices.labels == "begin" else 1), "as given"
    raise NotProved("labels", f"nothing shows whether {heading!r} counts the hours of a day from 0 or from 1")
