"""The ideal cycle of a machine, by its fastest quarter hours. Pure."""

from collections.abc import Iterable
from typing import Final

import numpy as np

LEAST_QUARTERS: Final = 40
"""Ten hours of work: with less, a machine's ideal cycle is not known."""
AT_WORK_SECONDS: Final = 810.0
"""A quarter hour counts for the ideal cycle if the machine ran for nine tenths of it."""


def ideal_cycle(quarters: Iterable[tuple[float, float]], *, percent: float) -> float | None:
    """Seconds per part of a machine's fastest quarter hours: that percentile of its own history.

    `quarters` are running seconds and parts; None if it worked in too few of them.
    """
    cycles = [running / parts for running, parts in quarters if parts >= 1.0 and running >= AT_WORK_SECONDS]
    return float(np.percentile(cycles, percent)) if len(cycles) >= LEAST_QUARTERS else None
