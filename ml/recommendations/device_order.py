"""Readings of many devices, sorted for array operations device by device.

Readings arrive in the order of time, with devices mixed. Sorted by device (and by time within each), the readings of
one device are adjacent: "the previous value" is the row above, and a running maximum or sum never mixes two devices if
it restarts at each `first` row.
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ml.arrays import Integers

_Item = TypeVar("_Item", bound=np.generic)


class DeviceOrder:
    """The order by device of M readings that arrive in the order of time; all its arrays are [M], sorted."""

    def __init__(self, device: Integers, at_ms: Integers) -> None:
        """`device` [M] are rows of the window, `at_ms` [M] milliseconds since 1970, rising."""
        self._order = np.argsort(device, kind="stable")  # stable: keeps the order of time within each device
        self.device = device[self._order]
        self.at_ms = at_ms[self._order]
        self.first = np.ones(len(device), dtype=np.bool_)
        """Whether a row is the oldest of its device in the batch."""
        self.first[1:] = self.device[1:] != self.device[:-1]
        self.last = np.ones(len(device), dtype=np.bool_)
        """Whether it is the newest of its device."""
        self.last[:-1] = self.first[1:]
        self._as_received = np.empty_like(self._order)  # the inverse permutation
        self._as_received[self._order] = np.arange(len(device))

    def sort(self, column: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
        """A column [M] or matrix [M, ...] of the readings as received, in this order."""
        return column[self._order]

    def as_received(self, column: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
        """A column or matrix in this order, converted back to the order as received."""
        return column[self._as_received]

    def starts(self) -> Integers:
        """[M], for each row the place of its device's first row."""
        starts: Integers = np.maximum.accumulate(np.where(self.first, np.arange(len(self.first)), 0))
        return starts

    def previous(self, column: npt.NDArray[_Item], kept: npt.NDArray[_Item]) -> npt.NDArray[_Item]:
        """Each row's previous value of its device; `kept` [devices, ...] holds the last one of the previous batch."""
        previous = np.roll(column, 1, axis=0)
        previous[self.first] = kept[self.device[self.first]]
        return previous
