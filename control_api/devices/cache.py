"""The fleet at a glance: read once for all who ask within a second, however many pages are open."""

import threading
from collections.abc import Callable
from typing import Final

from energytrack.clock import Clock
from energytrack.machine_state import MachineState

SECONDS: Final = 1.0
"""The historian brings the collection up to date about as often."""


class FleetCache:
    """The latest of all machines as of a second ago at most; whoever comes while it is being read waits for that."""

    def __init__(self, read: Callable[[], tuple[MachineState, ...]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: tuple[MachineState, ...] = ()
        self._until = float("-inf")

    def all(self) -> tuple[MachineState, ...]:
        """Every machine that ever sent something, by id; raises what reading raises, and then keeps nothing."""
        with self._lock:
            if self._clock.monotonic() >= self._until:
                self._seen = self._read()
                self._until = self._clock.monotonic() + SECONDS
            return self._seen
