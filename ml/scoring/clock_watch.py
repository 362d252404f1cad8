"""Recognises machines whose clocks were set back: their timestamps repeat, but they must be scored all the same.

A clock that was up to some minutes ahead and is now correct is recognised at once, by comparison with ours. Any other
clock that was set back is recognised by its messages: for half a minute, all timestamps are old ones. Duplicate
deliveries arrive in one burst, or among new messages.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from energytrack.machines.state import AHEAD
from ml.arrays import Integers, run_starts
from ml.features.window import Window

AHEAD_MS: Final = round(AHEAD.total_seconds() * 1000)
REPEATING_MS: Final = 30_000
"""By our clock; a machine that sends nothing new for this long has a clock that was set back."""

NOBODY: Final[Integers] = np.zeros(0, dtype=np.int64)


class ClockWatch:
    """Notes which machines repeat timestamps, and since when, by our clock."""

    def __init__(self) -> None:
        self._repeating_since_ms: dict[int, int] = {}

    def set_back(self, window: Window, device: Integers, at_ms: Integers, now_ms: int) -> tuple[Integers, Integers]:
        """The devices, among those of n readings, whose clocks were set back, each once; and where to continue.

        The window should forget their readings from those moments on.
        """
        repeating = [row for row, since in self._repeating_since_ms.items() if now_ms - since >= REPEATING_MS]
        if not repeating and not window.heard_after(device, now_ms + AHEAD_MS).any():
            return NOBODY, NOBODY
        right = np.flatnonzero(at_ms <= now_ms + AHEAD_MS)
        right = right[np.lexsort((at_ms[right], device[right]))]
        earliest = right[run_starts(device[right])]  # of each device
        ahead = window.heard_after(device[earliest], now_ms + AHEAD_MS)
        # Readings from a clock that was ahead are after now; a late reading must not discard earlier ones.
        moment_ms = np.maximum(at_ms[earliest], np.where(ahead, now_ms - AHEAD_MS, 0))
        back = ahead | np.isin(device[earliest], repeating)
        return device[earliest[back]], moment_ms[back]

    def note(self, device: Integers, fresh: Integers, now_ms: int) -> None:
        """Remember which devices of a batch, [n], sent nothing new: none of their rows is among the `fresh` ones."""
        if len(fresh) < len(device):
            for row in np.setdiff1d(device, device[fresh]).tolist():
                self._repeating_since_ms.setdefault(row, now_ms)
        if self._repeating_since_ms:
            self.forget(np.unique(device[fresh]).tolist())

    def forget(self, devices: Iterable[int]) -> None:
        """Forget what is known of these devices."""
        for row in devices:
            self._repeating_since_ms.pop(row, None)
