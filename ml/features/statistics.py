"""Statistics of windows of bucket means: level, variation and trend."""

from collections.abc import Sequence

import numpy as np

from ml.arrays import Floats


def window_statistics(means: Floats, windows: Sequence[int]) -> Floats:
    """[M, signals, windows, statistics] from bucket means [M, buckets, signals], youngest first, NaN if empty.

    The rise is in the signal's own unit over the whole length of the window. Rise and deviation are NaN with fewer than
    two filled buckets.
    """
    edges = np.array([0, *windows[:-1]])
    has_value = np.isfinite(means)
    height = np.where(has_value, means, 0.0)
    age = np.arange(float(windows[-1]))[None, :, None]

    def over(terms: Floats) -> Floats:
        summed: Floats = np.cumsum(np.add.reduceat(terms, edges, axis=1), axis=1)
        return summed

    n = over(has_value.astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = over(height) / n
        center = mean[:, -1:]
        off = np.where(has_value, means - center, 0.0)  # centred, to keep precision in squares
        shift = over(off) / n
        deviation = np.sqrt(np.maximum(over(off * off) / n - shift * shift, 0.0))
        a, aa = over(has_value * age), over(has_value * age * age)
        slope = (over(off) * a - over(off * age) * n) / (n * aa - a * a)
    slope[n < 2] = np.nan
    deviation[n < 2] = np.nan
    rise = slope * np.array(windows, dtype=np.float64)[None, :, None]
    return np.stack([mean, deviation, rise], axis=-1).transpose(0, 2, 1, 3)
