"""A short-lived cache of the fleet, so that the database is read once however many pages are open."""

from collections.abc import Callable
from threading import Condition
from typing import Final

from cachetools import TTLCache, cached

from energytrack.clock import Clock
from energytrack.machine_state import MachineState

SECONDS: Final = 1.0
"""The historian updates the collection about as often."""


class FleetCache:
    """The latest state of all machines, a second old at most.

    Callers that come while it is being read wait for that reading (the condition); an error is raised to all of them
    and is not kept.
    """

    def __init__(self, read: Callable[[], tuple[MachineState, ...]], clock: Clock) -> None:
        kept: TTLCache[object, tuple[MachineState, ...]] = TTLCache(1, SECONDS, timer=clock.monotonic)
        self.all: Callable[[], tuple[MachineState, ...]] = cached(kept, condition=Condition())(read)
