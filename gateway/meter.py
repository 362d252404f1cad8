"""A meter over some seconds."""

import time
from collections.abc import Callable
from typing import Protocol

from gateway.physics.finding import Snapshot
from gateway.profile import Profile


class Meter(Protocol):
    """What can be asked for a snapshot."""

    def snapshot(self, profile: Profile, seconds: float) -> Snapshot: ...


def watch(
    meter: Meter,
    profile: Profile,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    interval: float = 1.0,
) -> list[Snapshot]:
    """Snapshots over so many seconds, at least two."""
    begun = clock()
    taken = [meter.snapshot(profile, 0.0)]
    while len(taken) < 2 or clock() - begun < seconds:
        sleep(interval)
        at = clock() - begun
        taken.append(meter.snapshot(profile, at))
    return taken
