"""Values at times, as a file has them: repeated, in several columns, of two tariffs. Pure.

Times are milliseconds since the epoch, int64 arrays; values are float64 arrays of the same length, NaN where not known.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from energytrack.importer.choices import FileFinding, NotProved
from energytrack.importer.content import Energy, Floats, Ints, Signals

MOST_DIFFERENT: Final = 4
"""Rows that may have been corrected by others below them, however short a file is."""


def summed(one: Energy, other: Energy) -> Energy:
    """The sum of two tariffs of one meter; an interval that one of them lacks is left out."""
    start, ours, theirs = np.intersect1d(one.start_ms, other.start_ms, return_indices=True)
    return Energy(start, one.end_ms[ours], one.kwh[ours] + other.kwh[theirs])


def each_once(at: Ints, values: Floats, findings: list[FileFinding], *, alone: bool = False) -> tuple[Ints, Floats]:
    """Oldest first, each time once; of two values, the one in the later row is used.

    `alone` if a time should have one value: raises NotProved if many have several, which then belong to different
    things.
    """
    if (at[1:] > at[:-1]).all():
        return at, values
    order = np.argsort(at, kind="stable")
    at, values = at[order], values[order]
    last = np.append(at[1:] != at[:-1], True)
    if not last.all():
        same = int((~last).sum())
        differ = int((values[:-1] != values[1:])[~last[:-1]].sum())
        if alone and differ > max(MOST_DIFFERENT, len(at) // 10):
            raise NotProved(
                "device_column",
                f"{differ:,} of {len(at):,} rows have the time of another row and a different value: "
                "name the column that distinguishes them, such as the meter, or the hour of the day",
            )
        why = f"{same:,} times come twice" + (
            f", {differ:,} with another value: the later row is used" if differ else ""
        )
        findings.append(FileFinding("repeated", str(same), why))
    return at[last], values[last]


def aligned(columns: Mapping[str, tuple[Ints, Floats]]) -> Signals:
    """Columns with times of their own as one table: a missing value is NaN."""
    first, *others = (times for times, _ in columns.values())
    if all(times is first for times in others):
        return Signals(first, {name: values for name, (_, values) in columns.items()})
    at = np.unique(np.concatenate([times for times, _ in columns.values()]))
    values = {}
    for name, (times, series_values) in columns.items():
        values[name] = np.full(len(at), math.nan)
        values[name][np.searchsorted(at, times)] = series_values
    return Signals(at, values)
