"""How long a condition has held for each device, over readings of many devices at once."""

from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Mask, enlarged
from ml.recommendations.device_order import DeviceOrder

NEVER: Final = -1


class ConditionTimer:
    """The time since when a condition has held without interruption, by device."""

    def __init__(self, devices: int) -> None:
        self._since_ms = np.full(devices, NEVER, dtype=np.int64)
        """[devices], NEVER if the condition did not hold at the device's latest reading."""

    def grow(self, devices: int) -> None:
        self._since_ms = enlarged(self._since_ms, devices, NEVER)

    def clear(self, device: Integers) -> None:
        self._since_ms[device] = NEVER

    def recall(self, device: int, at_ms: int, holds: bool) -> None:
        """Take over the stored state of a device, if it is unknown here."""
        if holds and self._since_ms[device] == NEVER:
            self._since_ms[device] = at_ms

    def set_back(self, device: Integers, moment_ms: Integers) -> None:
        """Limit the start of conditions to these moments, [n], to which the devices' clocks were set back."""
        self._since_ms[device] = np.minimum(self._since_ms[device], moment_ms)

    def minutes(self, order: DeviceOrder, holds: Mask) -> Floats:
        """How long the condition has held at each reading, [M]; 0 if it does not hold. `holds` is [M], sorted."""
        begins = holds.copy()
        begins[1:] &= ~holds[:-1] | order.first[1:]  # it holds, and did not at the row above, or that is another device
        since = np.where(begins, order.at_ms, 0)
        kept = self._since_ms[order.device]
        goes_on = order.first & holds & (kept != NEVER)  # it held at the end of the previous batch
        since[goes_on] = kept[goes_on]
        # Each row takes the time of the latest row at which the condition began.
        since = since[np.maximum.accumulate(np.where(begins, np.arange(len(since)), 0))]
        self._since_ms[order.device[order.last]] = np.where(holds, since, NEVER)[order.last]
        minutes: Floats = np.where(holds, (order.at_ms - since) / 60_000.0, 0.0)
        return minutes
