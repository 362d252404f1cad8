"""Since when something has held for each device, over readings of many devices at once."""

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from ml.arrays import Floats, Integers, Mask, enlarged

_Item = TypeVar("_Item", bound=np.generic)

NEVER: Final = -1


class Turn:
    """M readings in the order of devices and, within each, of time; readings come in the order of time."""

    def __init__(self, device: Integers, at_ms: Integers) -> None:
        self._order = np.argsort(device, kind="stable")
        self.device = device[self._order]
        self.at_ms = at_ms[self._order]
        self.first = np.ones(len(device), dtype=np.bool_)
        self.first[1:] = self.device[1:] != self.device[:-1]
        self.last = np.ones(len(device), dtype=np.bool_)
        self.last[:-1] = self.first[1:]
        self._back = np.empty_like(self._order)
        self._back[self._order] = np.arange(len(device))

    def ordered(self, column: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
        """A column, or a matrix, of the readings in this order."""
        return column[self._order]

    def back(self, column: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
        """A column in this order as the readings came."""
        return column[self._back]

    def before(self, column: npt.NDArray[_Item], kept: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
        """Each reading's previous value of its device; `kept` holds, by device, those of the turn before."""
        previous = np.roll(column, 1, axis=0)
        previous[self.first] = kept[self.device[self.first]]
        return previous


class ConditionTimer:
    """The moment from which a condition has held without a break, by device."""

    def __init__(self, devices: int) -> None:
        self._start = np.full(devices, NEVER, dtype=np.int64)

    def grow(self, devices: int) -> None:
        """Make room for more devices."""
        self._start = enlarged(self._start, devices, NEVER)

    def clear(self, device: Integers) -> None:
        """Forget devices."""
        self._start[device] = NEVER

    def recall(self, device: int, at_ms: int, holds: bool) -> None:
        """Take over what is known of a device from elsewhere, where nothing is known here."""
        if holds and self._start[device] == NEVER:
            self._start[device] = at_ms

    def minutes(self, turn: Turn, holds: Mask) -> Floats:
        """How long the condition has held at each reading of a turn, in its order; 0 where it does not hold."""
        begins = holds.copy()
        begins[1:] &= ~holds[:-1] | turn.first[1:]
        since = np.where(begins, turn.at_ms, 0)
        known = self._start[turn.device]
        goes_on = turn.first & holds & (known != NEVER)
        since[goes_on] = known[goes_on]
        since = since[np.maximum.accumulate(np.where(begins, np.arange(len(since)), 0))]
        self._start[turn.device[turn.last]] = np.where(holds, since, NEVER)[turn.last]
        minutes: Floats = np.where(holds, (turn.at_ms - since) / 60_000.0, 0.0)
        return minutes
