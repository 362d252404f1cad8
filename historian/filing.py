"""The historian's work: stores what is new in each batch, and keeps machines' latest states current."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

import structlog
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from energytrack.clock import Clock, whole_milliseconds
from energytrack.consume import Taken
from energytrack.errors import ClockAhead, MalformedMessage, StopRequested, StoreUnavailable
from energytrack.events import DeviceEvent, Event, MachineRetired, PartsCorrected, PartsFinished
from energytrack.machines.state import MachineState, WrongClock
from energytrack.messages import Insight, Message, Reading
from energytrack.metering.events import event_of
from energytrack.metering.values import Meter
from energytrack.plant import Place, Plant
from energytrack.store import Store
from energytrack.store.retrying import RetryPolicy
from energytrack.telemetry import Stage
from historian.fold import Deadband, KnownMachine, with_clock, with_message
from historian.ledger.cycles import CyclesInCurrent
from historian.ledger.files import LedgerFiles
from historian.ledger.finished_parts import PartsOfEvents
from historian.ledger.imports import ImportedEnergy
from historian.ledger.late import LateReadings
from historian.ledger.meters import FleetMeters
from historian.ledger.new_sums import NewSums
from historian.ledger.plant_meters import PlantMeters
from historian.machine_cache import MachineCache
from historian.settings import HistorianSettings

log = structlog.get_logger(__name__)

T = TypeVar("T")
AT_ONCE: Final = 2000
"""Documents per round trip: the database takes some tenths of a second for them, so readers get their turn."""
SETTLE_SECONDS: Final = 0.5
MOST_AT_ONCE_SECONDS: Final = 2.0
"""A round takes at most this long: batches wait meanwhile."""
REST: Final = 1.0
"""After a round, none begins for this many times as long as it took: readings have half of a slow database."""
FORGET_EVERY_SECONDS: Final = 60.0
SILENT_AFTER: Final = 2.0
"""A machine is silent if its ledger has not changed for this many times the interval at which it is stored."""


class NewMessages(NamedTuple):
    """The part of a batch that should be stored."""

    readings: list[Reading]
    insights: list[Insight]
    events: list[DeviceEvent]
    overtaken: list[Reading]
    """Readings that are older than the meter: late, or repeated."""
    parts: list[PartsFinished | PartsCorrected]


class Filing:
    """Stores batches, and keeps what it needs to know about each machine to recognise what is new."""

    def __init__(
        self,
        store: Store,
        plant: Plant,
        settings: HistorianSettings,
        *,
        persist: RetryPolicy,
        stage: Stage,
        clock: Clock,
        tell: Callable[[DeviceEvent], None] = lambda _event: None,
        registry: CollectorRegistry | None = None,
    ) -> None:
        """`tell` is called with the findings of meters."""
        self.board = MachineCache(most=settings.most_devices)
        files = LedgerFiles(store, plant, clock=clock, persist=persist)
        self.meters = FleetMeters(store, plant, files, persist=persist)
        self.late = LateReadings(
            store, plant, files, self.meters, persist=persist, clock=clock, registry=registry or CollectorRegistry(),
            after_seconds=settings.recount_after_seconds,
        )  # fmt: skip
        self.plant_meters = PlantMeters(
            store, plant, settings, persist=persist, clock=clock,
            tell=lambda device_id, finding: tell(event_of(device_id, finding)),
        )  # fmt: skip
        self.imported = ImportedEnergy(store, plant, files, self.meters, self.plant_meters, clock=clock)
        self.parts = PartsOfEvents(
            store, plant, self.meters, persist=persist, clock=clock, registry=registry or CollectorRegistry(),
            every_seconds=settings.ledger_every_seconds,
        )  # fmt: skip
        self.cycles = CyclesInCurrent(store, plant, self.meters, clock=clock)
        self.new_sums = NewSums(store, (self.meters, self.plant_meters.meters), clock=clock)
        self._tell = tell
        self._store = store
        self._plant = plant
        self._settings = settings
        self.persist = persist
        self._stage = stage
        self._took = stage.took
        self._clock = clock
        self._band = Deadband(step=settings.insight_step, every_seconds=settings.insight_every_seconds)
        self._settled = self._swept = clock.monotonic()
        self._next = self._settled + SETTLE_SECONDS
        self._look_for_silent_at: float | None = None

    def share_out_again(self) -> None:
        """After a rebalance: start from what is stored, for silent machines a little later.

        By then, machines that send are loaded, and their previous historian has stored their ledger.
        """
        self.meters.clear()
        self.parts.share_out_again()
        self.plant_meters.meters.clear()
        self._look_for_silent_at = self._clock.monotonic() + SILENT_AFTER * self._settings.ledger_every_seconds

    def handle(self, batch: Sequence[Taken]) -> None:
        """Store one batch; returns when that is done, however long the database is unavailable."""
        self.persist(self.imported.look_before_counting)
        news = self._fold([taken.message for taken in batch])
        store = self._store
        self.meters.note_begun()
        self.late.note(news.overtaken)
        self.plant_meters.note()
        self._write(store.readings.name, news.readings, store.readings.put)
        self._write(store.insights.name, news.insights, lambda some: store.insights.put(some, self._place))
        self._write(store.events.name, news.events, store.events.put)
        self.parts.store(news.parts)
        self._stage.emitted(store.finished_parts.name, len(news.parts))
        now = self._clock.now()
        self._took([max(0.0, (now - reading.timestamp).total_seconds()) for reading in news.readings])

    def refused(self, malformed: MalformedMessage) -> None:
        """Note that a machine's clock is ahead."""
        if isinstance(malformed, ClockAhead) and malformed.device_id not in self.plant_meters:
            arrived_at = self._clock.monotonic()
            machine = self.board.get(malformed.device_id) or self._unknown(malformed.device_id, arrived_at)
            clock = WrongClock(whole_milliseconds(self._clock.now()), malformed.ahead_seconds)
            self.board.put(with_clock(machine, clock, arrived_at))

    def settle(self) -> None:
        """Between batches, store what changed, within the budget, and forget machines that fell silent."""
        now = self._clock.monotonic()
        if now < self._next:
            return
        elapsed, self._settled = now - self._settled, now
        self._keep_current(
            now, most=max(1, round(self._settings.devices_per_second * min(elapsed, MOST_AT_ONCE_SECONDS)))
        )
        took = self._clock.monotonic() - now
        self._next = now + took + max(SETTLE_SECONDS, REST * took)
        self._take_up_silent(now)
        self.late.run_once()
        self.plant_meters.settle()
        self.imported.run_once()
        self.parts.run_once()
        self.cycles.run_once()
        self.new_sums.run_once()
        if now - self._swept >= FORGET_EVERY_SECONDS:
            self._swept = now
            self.board.forget(last_before=now - self._settings.forget_after_hours * 3600)
            self.meters.forget(lambda device_id: self.board.get(device_id) is not None)

    def _keep_current(self, now: float, *, most: int) -> None:
        """Store latest states, the ledger and meters, of this many machines each."""
        self._show(self.board.due(shown_before=now - self._settings.device_every_seconds, most=most))
        due = self.meters.ledger_due(stored_before=now - self._settings.ledger_every_seconds, most=most)
        if due:
            self.meters.store_ledger(due, self._clock.monotonic())
            self._stage.emitted(self._store.ledger.name, len(due))
        self._file_meters(self.meters.due(filed_before=now - self._settings.meter_every_seconds, most=most))

    def _take_up_silent(self, now: float) -> None:
        if self._look_for_silent_at is not None and now >= self._look_for_silent_at:
            self._look_for_silent_at = None
            before = self._clock.now().timestamp() - SILENT_AFTER * self._settings.ledger_every_seconds
            for meters in (self.meters, self.plant_meters.meters):
                meters.find_silent(before)
            self.parts.take_up_silent()
        for meters in (self.meters, self.plant_meters.meters):
            meters.take_up_silent()

    def finish(self) -> None:
        """Before a stop: store everything that is not stored yet, if the database is available."""
        try:
            while due := self.board.due(shown_before=float("inf"), most=AT_ONCE):
                self._store.devices.put([machine.latest for machine in due], self._clock.now())
                self.board.marked_written(due, self._clock.monotonic())
            while meters := self.meters.due(filed_before=float("inf"), most=AT_ONCE):
                self._store.meters.put(meters)
                self.meters.filed(meters, self._clock.monotonic())
            while machines := self.meters.ledger_due(stored_before=float("inf"), most=AT_ONCE):
                self.meters.store_ledger(machines, self._clock.monotonic())
            self.plant_meters.finish()
        except (StoreUnavailable, StopRequested) as error:
            log.warning("the latest states stay behind until the machines send again", detail=str(error))

    def _fold(self, messages: Sequence[Message]) -> NewMessages:
        news = NewMessages([], [], [], [], [])
        arrived_at = self._clock.monotonic()
        now = self._clock.now()
        self.meters.load(
            each.device_id for each in messages if isinstance(each, Reading) and each.device_id not in self.plant_meters
        )
        self.plant_meters.load(messages)
        for each in messages:
            if each.device_id in self.plant_meters:
                self._take_of_meter(each, news)
                continue
            message = self._placed(each) if isinstance(each, Reading) else each
            machine = self.board.get(message.device_id) or self._unknown(message.device_id, arrived_at)
            machine, worth_filing = with_message(machine, message, self._band, arrived=arrived_at, now=now)
            match message:
                case Reading():
                    news.readings.append(message)
                    taken = self.meters.take(message)
                    for finding in taken.findings:
                        self._tell(event_of(message.device_id, finding))
                    if taken.meter.at > message.timestamp.timestamp():
                        news.overtaken.append(message)
                case Insight() if worth_filing:
                    news.insights.append(message)
                case MachineRetired():
                    news.events.append(message)
                    self.board.drop(message.device_id)
                    continue  # not in any list until it sends again
                case PartsFinished() | PartsCorrected():
                    news.parts.append(message)
                case Event():
                    news.events.append(message)
            self.board.put(machine)
        return news

    def _take_of_meter(self, message: Message, news: NewMessages) -> None:
        """Take in what a plant meter sent: it has no state, and is not a machine of any list."""
        if isinstance(message, Reading):
            news.readings.append(self.plant_meters.take(message))
        elif isinstance(message, Event):
            news.events.append(message)

    def _unknown(self, device_id: str, arrived: float) -> KnownMachine:
        place = self._plant.place(device_id)
        return KnownMachine(MachineState(device_id, device_type=place.device_type, line=place.line), arrived)

    def _placed(self, reading: Reading) -> Reading:
        """The reading as it will be stored, so that counting it again from the store gives the same result."""
        place = self._plant.place(reading.device_id, reading.device_type, reading.line)
        at = reading.timestamp
        if place == (reading.device_type, reading.line) and at.microsecond % 1000 == 0:
            return reading
        return replace(reading, timestamp=whole_milliseconds(at), device_type=place.device_type, line=place.line)

    def _place(self, device_id: str) -> Place:
        machine = self.board.get(device_id)
        place = self._plant.place(device_id) if machine is None else machine.latest
        return Place(place.device_type, place.line)

    def _show(self, due: Sequence[KnownMachine]) -> None:
        now = self._clock.now()
        states = [machine.latest for machine in due]
        self._write(self._store.devices.name, states, lambda some: self._store.devices.put(some, now))
        self.board.marked_written(due, self._clock.monotonic())

    def _file_meters(self, meters: Sequence[tuple[str, Meter]]) -> None:
        self._write(self._store.meters.name, meters, self._store.meters.put)
        self.meters.filed(meters, self._clock.monotonic())

    def _write(self, name: str, values: Sequence[T], put: Callable[[Sequence[T]], None]) -> None:
        for start in range(0, len(values), AT_ONCE):
            some = values[start : start + AT_ONCE]

            def action(some: Sequence[T] = some) -> None:
                put(some)

            self.persist(action)
            self._stage.emitted(name, len(some))
