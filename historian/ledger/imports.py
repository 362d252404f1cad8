"""Applies imports to the ledger: adds the energy, parts and prices of an import to its days, or removes them.

The importer stores days and marks them; only the historian writes the ledger, so it adds them, some at a time between
batches. Doing it twice changes nothing.
"""

from collections.abc import Sequence
from datetime import UTC, date
from typing import Final

import structlog
from msgspec.structs import replace

from energytrack.bill.imported import ImportedPrices
from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.ledger.counting import empty_day
from energytrack.ledger.day import Day, Revision
from energytrack.ledger.imported import FromFile, filled, with_imports
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import NotedDay
from historian.ledger.files import LedgerFiles
from historian.ledger.meters import FleetMeters
from historian.ledger.plant_meters import PlantMeters

log = structlog.get_logger(__name__)

AT_ONCE: Final = 62
"""Days at once: a tenth of a second or two, in which live readings wait."""
LOOK_EVERY_SECONDS: Final = 5.0
PIECE_SECONDS: Final = 10.0


class ImportedEnergy:
    """Processes the marks of imports."""

    def __init__(
        self, store: Store, plant: Plant, files: LedgerFiles, meters: FleetMeters, plant_meters: PlantMeters, *,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._store = store
        self._plant = plant
        self._machines = files, meters
        self._plant_meters = plant_meters
        self._prices = ImportedPrices(store, plant)
        self._clock = clock
        self._next = clock.monotonic()
        self._has_looked = False
        self._has_other_prices = False

    def look_before_counting(self) -> None:
        """Check before the first batch, so that the days it begins have imported prices. Raises StoreUnavailable."""
        if not self._has_looked:
            self._look()

    def _look(self) -> None:
        if self._prices.look():
            self._machines[0].prices.forget(self._prices.gone)
            self._has_other_prices = True
        self._has_looked = True

    def run_once(self) -> None:
        """Between batches, process some days. After a failure, the next round tries again."""
        now = self._clock.monotonic()
        if now < self._next:
            return
        self._next = now + LOOK_EVERY_SECONDS
        try:
            with self._store.within(PIECE_SECONDS):
                marked = self._store.imports.marked(AT_ONCE)
                self._look()  # after the marks were read: their imports are stored by now
                for device_id, days in marked.items():
                    self._take_over(device_id, days)
        except StoreUnavailable:
            self._next = self._clock.monotonic() + LOOK_EVERY_SECONDS
            return
        if marked:
            self._next = now  # there may be more of them
        elif self._has_other_prices:  # stored days were dropped by now; those in memory may not be stored anywhere
            self._machines[1].reprice()
            self._has_other_prices = False

    def _take_over(self, device_id: str, noted: Sequence[NotedDay]) -> None:
        files, meters, ledger = *self._machines, self._store.ledger
        if device_id in self._plant_meters:
            files, meters, ledger = self._plant_meters.files, self._plant_meters.meters, self._store.meter_ledger
        dates = {each.date for each in noted}
        if (live := meters.get(device_id)) is not None:
            dates.update(day.date for day in live.days)  # the import did not find those that are only stored now
            if live.unstored:
                meters.store_ledger([live], self._clock.monotonic())
        stored = {day: each for (_, day), each in ledger.metered([(device_id, day) for day in dates]).items()}
        days = [
            after
            for day in sorted(dates)
            if (after := self._with_imports(device_id, day, stored.get(day), files)) is not None
        ]
        machine = files.with_days(device_id, None, days, stored=stored)
        changed = machine.changed()
        if changed:
            quarters = (index * QUARTER_SECONDS + day.start for day in days for index in _imported(day))
            if (since := min(quarters, default=None)) is not None:
                machine.begun_at(since)
            if files.store([machine], meters=False):
                return  # another historian is counting this machine: the marks stay
            meters.clear([device_id])  # the historian that continues loads what is stored
            self._store.edition.rise()
        self._store.imports.unmark(device_id, noted)
        log.info("imported energy was added to the ledger", device_id=device_id, days=len(changed))

    def _with_imports(self, device_id: str, day: date, before: Day | None, files: LedgerFiles) -> Day | None:
        imported = [
            FromFile(each.batch_id, each.kwh, each.parts, each.scrap)
            for each in self._store.imports.counting(device_id, day)
        ]
        if before is None:
            if not imported:
                return None
            place = self._plant.place(device_id)
            fresh = empty_day(device_id, day, place, self._plant.zone, files.prices.of(day))
            return with_imports(fresh, imported)
        after = files.prices.of_stored(with_imports(before, imported))
        if replace(after, price_batches=before.price_batches) == before:
            return after
        was = filled(before).sums().kwh
        revision = Revision(before.revision + 1, self._clock.now().astimezone(UTC), "import", was)
        return replace(after, revision=revision.revision, revisions=(*before.revisions, revision))


def _imported(day: Day) -> list[int]:
    return [index for index, value in enumerate(day.imported or ()) if value is not None]
