"""Computes bills on request, one at a time, and caches each for a minute unless the ledger changes."""

import threading
from typing import Final

from cachetools import TTLCache

from control_api.ledger_watch import LedgerWatch
from energytrack.bill.imported import ImportedPrices
from energytrack.bill.invoice import Bill
from energytrack.bill.load import Month
from energytrack.bill.reading import Bills
from energytrack.clock import Clock
from energytrack.plant import Plant
from energytrack.store import Store

KEPT_SECONDS: Final = 60.0
KEPT_BILLS: Final = 24


class BillService:
    """Bills by month, cached: a month of a large plant takes seconds to read."""

    def __init__(self, *, store: Store, plant: Plant, clock: Clock, prices: ImportedPrices) -> None:
        self._bills = Bills(store, plant, clock)
        self._watch = LedgerWatch(store, prices)
        self._plant = plant
        self._clock = clock
        self._kept: TTLCache[Month, Bill] = TTLCache(KEPT_BILLS, KEPT_SECONDS, timer=clock.monotonic)
        self._lock = threading.Lock()

    def of(self, month: str | None) -> Bill:
        """The bill of a month, `2026-10`; by default of the last complete one."""
        wanted = Month.before(self._clock.now().astimezone(self._plant.zone)) if month is None else Month.parse(month)
        with self._lock:
            if self._watch.has_changed():
                self._kept.clear()
                self._bills.forget()
            bill = self._kept.get(wanted)
            if bill is None:
                bill = self._kept[wanted] = self._bills.of(wanted)
            return bill
