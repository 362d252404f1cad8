"""[peak] of the plant file: which machines may wait while a quarter hour is too high, and for how long."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from energytrack.fields import DeviceId, Name
from energytrack.machines.ratings import Positive


class Deferrable(Struct, frozen=True, forbid_unknown_fields=True):
    """Machines whose work may wait; each field that is given restricts them."""

    longest_minutes: Annotated[float, Meta(gt=0, le=240)]
    line: Name | None = None
    device_type: Name | None = None
    device_ids: tuple[DeviceId, ...] = ()

    def admits(self, device_id: str, device_type: str | None, line: str | None) -> bool:
        """Whether a machine is among them."""
        return (
            self.line in (None, line)
            and self.device_type in (None, device_type)
            and (not self.device_ids or device_id in self.device_ids)
        )


class PeakRules(Struct, frozen=True, forbid_unknown_fields=True):
    """The rules for the guard's proposals."""

    idle_minutes: Positive = 5.0
    """A machine that has been idle for this long may be stopped."""
    deferrable: tuple[Deferrable, ...] = ()


def longest_minutes(
    rules: Iterable[Deferrable], device_id: str, device_type: str | None, line: str | None
) -> float | None:
    """The minutes that a machine may wait: the shortest time that applies; None if it may not."""
    return min((each.longest_minutes for each in rules if each.admits(device_id, device_type, line)), default=None)
