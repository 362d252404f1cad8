"""How long each row's machine still ran: the truth from which remaining life is learned and by which it is measured."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Mask
from ml.datasets.table import Table

HOUR_MS: Final = 3.6e6


@dataclass(frozen=True, eq=False)
class TimeLeft:
    """The hours until the machine's next failure for N rows, as far as a record shows them."""

    hours: Floats
    """[N]; infinite if no failure follows in the record."""
    event: Integers
    """[N], the row of that failure in the table's `events`; -1 if none follows."""
    followed_hours: Floats
    """[N], how long the record continues after the row: a later failure would not be known."""

    def observed(self, reach_hours: float) -> Mask:
        """[N], the rows whose record continues for so long. Rows are not chosen by outcome, which would be a bias."""
        return self.followed_hours >= reach_hours

    def up_to(self, reach_hours: float) -> Floats:
        """[N], the hours left; longer ones count as `reach_hours`."""
        return np.minimum(self.hours, reach_hours)


def time_left(table: Table, *, until_ms: int | None = None) -> TimeLeft:
    """The time left of each row, if nothing after `until_ms` is known; by default up to the record's own end.

    If readings end long before a recorded failure, as in tests that were cut off, the record ends with that failure.
    The labels of a table look one horizon ahead, so a machine's record continues for a horizon after its last row. One
    record may end before others: nothing is known of a machine after it left, or after a recording of another year. If
    every machine ran until it failed, no record continues.
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
        if not has_event.all():  # otherwise its record ends with a failure, and the truth of each row is known
            end_ms[rows] = min(until_ms, int(table.at_ms[rows].max()) + table.horizon_ms)
    followed_hours = (end_ms - table.at_ms) / HOUR_MS
    if to_the_end and (event >= 0).all():
        followed_hours[:] = np.inf
    return TimeLeft(hours, event, followed_hours)
