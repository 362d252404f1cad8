"""Reads a meter repeatedly."""

import time
from collections.abc import Callable
from typing import Protocol

from gateway.physics.finding import MeterSnapshot
from gateway.profile import MeterProfile


class PolledMeter(Protocol):
    """A meter that can be read, over Modbus or in a test."""

    def snapshot(self, profile: MeterProfile, seconds: float) -> MeterSnapshot: ...


def watch(
    meter: PolledMeter,
    profile: MeterProfile,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    interval: float = 1.0,
) -> list[MeterSnapshot]:
    """Snapshots over this many seconds, at least two."""
    begun = clock()
    taken = [meter.snapshot(profile, 0.0)]
    while len(taken) < 2 or clock() - begun < seconds:
        sleep(interval)
        at = clock() - begun
        taken.append(meter.snapshot(profile, at))
    return taken
