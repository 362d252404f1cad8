"""Sums that a command stores while a historian runs: `rebuild` and `sums` mark the machines.

A historian keeps the sums of a month's older days in memory. For a marked machine they are outdated, and the month that
it stored last may be too: it loads the stored sums, stores the month again, and drops the machine.
"""

from collections.abc import Sequence
from typing import Final

import structlog

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.store import Store
from historian.ledger.meters import FleetMeters

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS: Final = 5.0
REST: Final = 50.0
"""After a check that found nothing, none follows for this many times as long as it took: it reads all marks."""
PIECE_SECONDS: Final = 10.0


class NewSums:
    """Looks for the marks, of machines and of plant meters."""

    def __init__(self, store: Store, fleets: Sequence[FleetMeters], *, clock: Clock) -> None:
        self._store = store
        self._fleets = fleets
        self._clock = clock
        self._next = clock.monotonic()

    def run_once(self) -> None:
        """Between batches, process some machines. After a failure, the next round tries again."""
        now = self._clock.monotonic()
        if now < self._next:
            return
        found = 0
        try:
            with self._store.within(PIECE_SECONDS):
                for fleet in self._fleets:
                    if machines := fleet.take_up_new_sums(now):
                        log.info("sums stored by a command were loaded", machines=machines)
                        found += machines
        except StoreUnavailable:
            pass
        after = self._clock.monotonic()
        self._next = after + max(LOOK_EVERY_SECONDS, 0.0 if found else REST * (after - now))
