"""Plant meters: counted like machines, but in a separate ledger and not in any list of machines."""

from collections.abc import Callable, Iterable
from datetime import date

from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from energytrack.clock import Clock, whole_milliseconds
from energytrack.ledger.day_prices import DayPrices, PriceOfDay
from energytrack.ledger.local_days import quarter_count
from energytrack.messages import Message, Reading
from energytrack.metering.values import Meter, MeterFinding
from energytrack.plant import Plant
from energytrack.store import Store
from historian.ledger.files import LedgerFiles, Persist
from historian.ledger.late import LateReadings
from historian.ledger.meters import FleetMeters
from historian.settings import HistorianSettings


class NoPrices(DayPrices):
    """No prices: a cubic metre has no price per kilowatt hour, and a main meter's energy is billed by the contract."""

    def _priced(self, day: date) -> PriceOfDay:
        none = (None,) * quarter_count(day, self._plant.zone)
        return PriceOfDay(none, None, none)


def files_of_meters(store: Store, plant: Plant, *, clock: Clock, persist: Persist) -> LedgerFiles:
    """The ledger of plant meters."""
    return LedgerFiles(store.of_meters(), plant, clock=clock, persist=persist, prices=NoPrices(plant))


class PlantMeters:
    """Counts and stores the meters of the plant file."""

    def __init__(
        self, store: Store, plant: Plant, settings: HistorianSettings, *, persist: Persist, clock: Clock,
        tell: Callable[[str, MeterFinding], None],
    ) -> None:  # fmt: skip
        """`tell` is called with the findings about a meter."""
        self.files = files_of_meters(store, plant, clock=clock, persist=persist)
        self._store = store.of_meters()
        self.meters = FleetMeters(self._store, plant, self.files, persist=persist)
        self._late = LateReadings(
            self._store, plant, self.files, self.meters, persist=persist, clock=clock,
            registry=CollectorRegistry(), after_seconds=settings.recount_after_seconds,
        )  # fmt: skip
        self._ids = frozenset(plant.meters)
        self._clock = clock
        self._persist = persist
        self._every = settings.ledger_every_seconds
        self._meter_every = settings.meter_every_seconds
        self._tell = tell
        self._overtaken: list[Reading] = []

    def __contains__(self, device_id: str) -> bool:
        """Whether an id belongs to such a meter."""
        return device_id in self._ids

    def load(self, messages: Iterable[Message]) -> None:
        """Load the meters that these messages are about."""
        if self._ids:
            self.meters.load(
                each.device_id for each in messages if isinstance(each, Reading) and each.device_id in self
            )

    def take(self, reading: Reading) -> Reading:
        """Count a reading; returns it as it should be stored."""
        stored = replace(reading, timestamp=whole_milliseconds(reading.timestamp), device_type=None, line=None)
        taken = self.meters.take(stored)
        for finding in taken.findings:
            self._tell(reading.device_id, finding)
        if taken.meter.at > stored.timestamp.timestamp():
            self._overtaken.append(stored)
        return stored

    def note(self) -> None:
        """Before the readings of a batch are stored, note new meters and late readings."""
        self.meters.note_begun()
        self._late.note(self._overtaken)
        self._overtaken = []

    def settle(self) -> None:
        """Between batches, store what changed."""
        if not self._ids:
            return
        now = self._clock.monotonic()
        self._file(now - self._meter_every, now - self._every)
        self._late.run_once()

    def finish(self) -> None:
        """Before a stop, store everything."""
        self._file(float("inf"), float("inf"))

    def _file(self, filed_before: float, stored_before: float) -> None:
        now, most = self._clock.monotonic(), len(self._ids)
        meters: list[tuple[str, Meter]] = list(self.meters.due(filed_before=filed_before, most=most))
        if meters:
            self._persist(lambda: self._store.meters.put(meters))
            self.meters.filed(meters, now)
        if due := self.meters.ledger_due(stored_before=stored_before, most=most):
            self.meters.store_ledger(due, now)
