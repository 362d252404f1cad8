"""A column that counts cycles or samples instead of times."""

import numpy as np
import pandas as pd

from energytrack.importer.cells.dates import LATEST_MS, NONE
from energytrack.importer.cells.moments import RowTimes
from energytrack.importer.cells.numerals import numbers
from energytrack.importer.choices import Choices, FileFinding, UnreadableFile


def counts(column: "pd.Series[str]", choices: Choices, *, heading: str, decimal: str = ".") -> RowTimes:
    """The times of a column that counts cycles or samples; its lowest count was at `choices.starts`.

    `decimal` is the decimal sign: the other one separates thousands. Raises UnreadableFile.
    """
    if choices.starts is None or choices.every_seconds is None:
        raise UnreadableFile(heading, "its counts become times with both --starts 2026-10-01T06:00Z and --every 60")
    values, _, _ = numbers(column, decimal)
    is_finite = np.isfinite(values)
    if not is_finite.any():
        raise UnreadableFile(heading, f"{column.iloc[0]!r} is not a count, although --every was given")
    first, last = float(values[is_finite].min()), float(values[is_finite].max())
    after_ms = np.where(is_finite, values - first, 0.0) * choices.every_seconds * 1000
    start_ms = choices.starts.timestamp() * 1000
    if start_ms + float(after_ms.max()) >= LATEST_MS:
        raise UnreadableFile(
            heading, f"the count {last:g} would lie in the far future: is the interval {choices.every_seconds:g} s?"
        )
    ms = np.rint(start_ms + after_ms).astype(np.int64)
    why = f"{first:g} is the first count, then one every {choices.every_seconds:g} s, as given"
    return RowTimes(np.where(is_finite, ms, NONE), True, (FileFinding("counts", f"{first:g} to {last:g}", why),))
