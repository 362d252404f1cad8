"""The rows of devices in the window's arrays, and what is known of a device besides its readings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ml.arrays import Integers, enlarged


@dataclass(frozen=True)
class Nameplate:
    """What is known of a device besides its readings."""

    device_type: str | None
    age_years: float | None


class DeviceRows:
    """Gives a device its row when it first occurs; a released row is reused for the next new device."""

    def __init__(self, capacity: int, device_types: Sequence[str]) -> None:
        self.capacity = capacity
        self._device_types = device_types
        self._rows: dict[str, int] = {}
        self._free: list[int] = []
        self._types: list[str | None] = [None] * capacity
        self.static = np.full((capacity, 1 + len(device_types)), np.nan)
        """[devices, 1 + types], age in years, then 1 for the device's type and 0 for the others."""

    def __len__(self) -> int:
        return len(self._rows)

    def names(self) -> tuple[str, ...]:
        """The devices that have a row."""
        return tuple(self._rows)

    def rows(
        self, device_ids: Sequence[str], nameplate: Callable[[str], Nameplate], grow: Callable[[int], None]
    ) -> Integers:
        """The devices' rows, [n]; for a new device, `nameplate` is called.

        If there is no row left, `grow` is called with the new number of rows.
        """
        row_of = self._rows
        for device_id in device_ids:
            if device_id not in row_of:
                self._settle(device_id, nameplate(device_id), grow)
        return np.fromiter((row_of[device_id] for device_id in device_ids), dtype=np.int64, count=len(device_ids))

    def forget(self, device_ids: Iterable[str]) -> Integers:
        """Release devices; returns the rows that they had."""
        gone = np.array([self._rows.pop(name) for name in device_ids if name in self._rows], dtype=np.int64)
        self._free.extend(gone.tolist())
        return gone

    def describe_by(self, device_types: Sequence[str]) -> None:
        """Encode types as another spec does."""
        self._device_types = device_types
        ages = self.static[:, 0]
        self.static = np.full((self.capacity, 1 + len(device_types)), np.nan)
        for row in self._rows.values():
            self._describe(row, self._types[row], float(ages[row]))

    def _settle(self, device_id: str, plate: Nameplate, grow: Callable[[int], None]) -> None:
        row = self._free.pop() if self._free else len(self._rows)
        if row >= self.capacity:
            self._grow(max(self.capacity * 3 // 2, row + 1))
            grow(self.capacity)
        self._rows[device_id] = row
        self._types[row] = plate.device_type
        self._describe(row, plate.device_type, np.nan if plate.age_years is None else plate.age_years)

    def _describe(self, row: int, device_type: str | None, age: float) -> None:
        self.static[row] = [age, *(float(kind == device_type) for kind in self._device_types)]

    def _grow(self, devices: int) -> None:
        self._types.extend([None] * (devices - self.capacity))
        self.static = enlarged(self.static, devices, np.nan)
        self.capacity = devices
