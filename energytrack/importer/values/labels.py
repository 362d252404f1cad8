"""The interval of a row: whether it is labelled at its beginning or end, its length, and energy or a register. Pure."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from energytrack.importer.cells.dates import DAY_MS, NONE
from energytrack.importer.choices import Choices, FileFinding, NotProved
from energytrack.importer.content import Floats, Ints

WIDTHS_MS: Final = tuple(60_000 * minutes for minutes in (1, 5, 10, 15, 20, 30, 60, 1440))
Shown = Callable[[int], tuple[int, ...]]
"""From a time to the local times at it, in milliseconds: one for each possible zone of its days."""
LEAST_ROWS: Final = 20
"""This many values that never fall are a register, not chance."""


class LabelledTimes(NamedTuple):
    """Times with the dates of midnights corrected, and what the labels mean."""

    local: Ints
    width_ms: int
    finding: FileFinding
    notes: tuple[FileFinding, ...] = ()

    @property
    def at_end(self) -> bool:
        """Whether a row has the time of the end of its interval."""
        return self.finding.value == "end"


def width_of(local: Ints, series: Ints) -> int:
    """The usual time between two rows of one series, in milliseconds."""
    same = (series[1:] == series[:-1]) & (local[1:] != NONE) & (local[:-1] != NONE)
    steps = np.diff(local)[same]
    steps = steps[steps > 0]
    if len(steps) == 0:  # rows of several series are mixed
        unique = np.unique(local[local != NONE])
        steps = np.diff(unique)
    if len(steps) == 0:
        return 0
    values, counts = np.unique(steps, return_counts=True)
    return int(values[np.argmax(counts)])


def labelled(
    local: Ints, series: Ints, choices: Choices, *, at_24: bool, declared: str | None, shown: Shown = lambda ms: (ms,)
) -> LabelledTimes:
    """The meaning of labels; raises NotProved. `at_24`: a day's last row has 24:00; `declared`: what the heading says.

    `shown` returns the local times of a time, if times are not already local.
    """
    width = width_of(local, series)
    mended, trapped = _with_the_next_day(local, series, width)
    notes: tuple[FileFinding, ...] = ()
    if trapped:
        why = "rows of 00:00 carry the date of the day that ends, but belong to the next one"
        notes = (FileFinding("midnights", str(trapped), why),)
    return LabelledTimes(
        mended,
        width,
        _labels(mended, choices, width, at_24=at_24, trapped=trapped, declared=declared, shown=shown),
        notes,
    )


def _labels(
    local: Ints, choices: Choices, width: int, *, at_24: bool, trapped: int, declared: str | None, shown: Shown
) -> FileFinding:
    if choices.labels is not None:
        return FileFinding("labels", choices.labels, "as given")
    if trapped:
        return FileFinding("labels", "end", "the last row of a day is 00:00 and comes after the others")
    if at_24:
        return FileFinding("labels", "end", "the last row of a day is 24:00")
    if declared is not None:
        return FileFinding("labels", declared, "the heading says so")
    dated = local[local != NONE]
    if 0 < width < DAY_MS and len(dated):
        for first_ms, last_ms in zip(shown(int(dated.min())), shown(int(dated.max())), strict=True):
            first, last = first_ms % DAY_MS, last_ms % DAY_MS
            if first == 0 and last == DAY_MS - width:
                return FileFinding(
                    "labels", "begin", "the first row is 00:00, the last one an interval before midnight"
                )
            if first == width and last == 0:
                return FileFinding("labels", "end", "the first row is an interval after midnight, the last one 00:00")
    raise NotProved("labels", "nothing shows whether a row is labelled with the beginning or the end of its interval")


def _with_the_next_day(local: Ints, series: Ints, width: int) -> tuple[Ints, int]:
    """A row of 00:00 after 23:45 of the same date is the end of the day: it gets the next day's date."""
    if len(local) < 3 or not 0 < width < DAY_MS:
        return local, 0
    before, here = local[:-1], local[1:]
    back = here - before
    trapped = (here % DAY_MS == 0) & (back == width - DAY_MS) & (series[1:] == series[:-1])
    if not trapped.any():
        return local, 0
    mended = local.copy()
    mended[1:][trapped] += DAY_MS
    return mended, int(trapped.sum())


def kind_of(values: Floats, series: Ints, choices: Choices, *, says_register: bool, says_interval: bool) -> FileFinding:
    """Whether values are energy of intervals or a register; raises NotProved."""
    if choices.values is not None:
        return FileFinding("values", choices.values, "as given")
    is_finite = np.isfinite(values)
    some, series_of_value = values[is_finite], series[is_finite]
    same = series_of_value[1:] == series_of_value[:-1]
    steps = np.diff(some)[same]
    falls = int((steps < 0).sum())
    if len(steps) and falls > max(2, len(steps) // 100):
        return FileFinding("values", "interval", f"they fall {falls:,} times, which a register does not")
    rises = int((steps > 0).sum())
    if rises >= LEAST_ROWS and float(np.median(some)) > 2.0 * float(np.median(steps[steps > 0])):
        return FileFinding(
            "values", "register", f"they rise {rises:,} times and {'never' if not falls else 'hardly'} fall"
        )
    if says_register != says_interval:
        return FileFinding("values", "register" if says_register else "interval", "the heading says so")
    raise NotProved("values", "nothing shows whether the values are energy of intervals or a meter's register")
