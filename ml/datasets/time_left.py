"""How long each row's machine still ran: the truth that remaining life is learned from, and measured by."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Mask
from ml.datasets.table import Table

HOUR_MS: Final = 3.6e6


@dataclass(frozen=True, eq=False)
class TimeLeft:
    """Of N rows: the hours until the machine's next failure, as far as a record tells."""

    hours: Floats
    """[N]; infinite if no failure follows in the record."""
    event: Integers
    """[N], that failure as its row in the table's `events`; -1 if none follows."""
    followed_hours: Floats
    """[N], how long the record goes on after the row: a failure later than this would not be known."""

    def observed(self, reach_hours: float) -> Mask:
        """[N], the rows whose record goes on for so long. Rows are not chosen by what happened: that would be bias."""
        return self.followed_hours >= reach_hours

    def up_to(self, reach_hours: float) -> Floats:
        """[N], the hours left, longer ones counted as `reach_hours`."""
        return np.minimum(self.hours, reach_hours)


def time_left(table: Table, *, until_ms: int | None = None) -> TimeLeft:
    """What the record says of each row, nothing after `until_ms` being known; by default the record's own end.

    Readings may end long before a failure that is on record, as in tests that were cut off: then that is the end. The
    labels of a table look one horizon ahead, so a machine's record goes on for a horizon after its last row. One may
    end before others do: a machine that left, or a recording of another year, says nothing of the time after it.
    Where every machine ran until it failed, nothing is left to follow.
    """
    to_the_end = until_ms is None
    if until_ms is None:
        last_ms = int(table.at_ms.max(initial=0)) + table.horizon_ms
        until_ms = max(last_ms, int(table.events[:, 1].max(initial=0)))
    hours = np.full(len(table), np.inf)
    event = np.full(len(table), -1, dtype=np.int64)
    end_ms = np.full(len(table), until_ms, dtype=np.int64)
    happened = np.flatnonzero(table.events[:, 1] <= until_ms)
    for device in np.unique(table.device).tolist():
        rows = np.flatnonzero(table.device == device)
        own = happened[table.events[happened, 0] == device]
        own = own[np.argsort(table.events[own, 1])]
        ahead = np.searchsorted(table.events[own, 1], table.at_ms[rows], side="right")
        has_event = ahead < len(own)
        event[rows[has_event]] = own[ahead[has_event]]
        hours[rows[has_event]] = (table.events[own[ahead[has_event]], 1] - table.at_ms[rows[has_event]]) / HOUR_MS
        if not has_event.all():  # else its record ends with a failure, and the truth of each row is known
            end_ms[rows] = min(until_ms, int(table.at_ms[rows].max()) + table.horizon_ms)
    followed_hours = (end_ms - table.at_ms) / HOUR_MS
    if to_the_end and (event >= 0).all():
        followed_hours[:] = np.inf
    return TimeLeft(hours, event, followed_hours)
