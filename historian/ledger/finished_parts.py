"""Parts that events report: stores them separately, and adds them to the ledger by quarter hour.

A quarter hour of the ledger is computed from all its stored events, so it does not matter when, in which order and how
often they arrive. The quarter hours that they affect are marked in the database before the events are stored, until the
ledger is stored: a kill at any moment loses nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, Counter

from energytrack.clock import Clock, whole_milliseconds
from energytrack.errors import StoreUnavailable
from energytrack.events import PartsCorrected, PartsFinished
from energytrack.ledger.counting import DayCount
from energytrack.ledger.day import Day
from energytrack.ledger.finished import QuarterParts, by_quarter
from energytrack.ledger.local_days import ONE_DAY, date_at, midnight
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.telemetry.finished_parts import KEPT, lot_of
from historian.ledger.machine_energy import MachineEnergy
from historian.ledger.meters import FleetMeters

log = structlog.get_logger(__name__)

PartsEvent = PartsFinished | PartsCorrected
TURN_SECONDS: Final = 10.0
PIECE_SECONDS: Final = 0.1
QUARTERS_AT_ONCE: Final = 16
"""A backlog of whole days takes several rounds: the database may be slow, and readings wait."""
REST: Final = 4.0
"""After a round, none begins for this many times as long as it took: live readings wait meanwhile."""
AHEAD: Final = 3600.0
"""This long before a day ends, events of the next day are considered: clocks may be ahead."""
Persist = Callable[[Callable[[], None]], None]


class PartsOfEvents:
    """Adds the parts of events to the ledger, machine by machine, between batches."""

    def __init__(
        self, store: Store, plant: Plant, meters: FleetMeters, *, persist: Persist, clock: Clock,
        registry: CollectorRegistry, every_seconds: float,
    ) -> None:  # fmt: skip
        self._store = store
        self._plant = plant
        self._meters = meters
        self._persist = persist
        self._clock = clock
        self._every = every_seconds
        self._open: dict[str, set[float]] = defaultdict(set)
        """Quarter hours to recompute, by machine."""
        self._done: dict[str, float] = {}
        """When, by our stopwatch, a machine was last processed."""
        self._next = clock.monotonic()
        self._too_late = Counter(
            "energytrack_historian_parts_too_late",
            f"Events about parts from more than {KEPT.days} days ago, and corrections of such: the ledger no "
            "longer applies them.",
            registry=registry,
        )
        self._unmatched = Counter(
            "energytrack_historian_parts_corrections_unmatched",
            "Corrections of parts that came before the event that they correct, or name an event that their machine "
            "does not have.",
            registry=registry,
        )

    def store(self, events: Sequence[PartsEvent]) -> None:
        """Store a batch's events, after marking what they change; returns when that is done."""
        kept = self._not_too_late(events)
        if not kept:
            return
        touched, refused = self._touched(kept)
        kept = [each for each in kept if each.event_id not in refused]
        new = sorted((name, start) for name, start in touched if start not in self._open.get(name, ()))
        self._persist(lambda: self._store.finished_parts.mark(new))
        self._persist(lambda: self._store.finished_parts.put(kept))
        for device_id, start in touched:
            self._open[device_id].add(start)

    def share_out_again(self) -> None:
        """After a rebalance: marks come with the machines."""
        for each in (self._open, self._done, self._meters.noted_parts):
            each.clear()

    def take_up_silent(self) -> None:
        """Load machines with marks that never sent a reading: no reading will load them."""

        def action() -> None:
            noted = self._store.finished_parts.marked_machines()
            spans = self._store.meters.reading_spans(noted) if noted else {}
            self._meters.load([name for name in noted if name not in spans or spans[name].counted is None])

        self._persist(action)

    def run_once(self) -> None:
        """Between batches, process what is due, for a moment. After a failure, the next round tries again."""
        for device_id, starts in self._meters.noted_parts.items():
            self._open[device_id].update(starts)
        self._meters.noted_parts.clear()
        began = self._clock.monotonic()
        if began < self._next:
            return
        due = [name for name in self._open if self._last(name) <= began - self._every]
        for device_id in sorted(due, key=self._last):
            is_more = True
            while is_more:
                try:
                    with self._store.within(TURN_SECONDS):
                        is_more = self._take_over(device_id)
                except StoreUnavailable:
                    self._done[device_id] = began - self._every  # the others come first
                    took = self._clock.monotonic() - began
                    self._next = began + took + REST * took
                    return
                took = self._clock.monotonic() - began
                if took >= PIECE_SECONDS:
                    self._next = began + took + REST * took
                    return

    def _last(self, device_id: str) -> float:
        return self._done.get(device_id, float("-inf"))

    def _take_over(self, device_id: str) -> bool:
        """Process a piece; returns whether there is more. Raises StoreUnavailable; the machine is then due again."""
        self._meters.load([device_id])
        machine = self._meters.get(device_id)
        if machine is None:
            return False
        quarters = sorted(self._open[device_id])[:QUARTERS_AT_ONCE]
        if machine.meter is None:
            machine.begun_at(quarters[0])
        for day, starts in groupby(quarters, lambda start: date_at(start, self._plant.zone)):
            self._finish_day(machine, day, list(starts))
        self._meters.store_ledger([machine], self._clock.monotonic())
        if self._meters.get(device_id) is not machine:  # another process wrote one of the days: start again from it
            self._done[device_id] = self._clock.monotonic()
            return False
        self._open[device_id].difference_update(quarters)
        is_more = bool(self._open[device_id])
        self._done[device_id] = self._clock.monotonic() - (self._every if is_more else 0.0)
        if not is_more:
            del self._open[device_id]
        self._store.finished_parts.unmark(device_id, quarters, now=self._clock.now())
        return is_more

    def _finish_day(self, machine: MachineEnergy, day: date, starts: Sequence[float]) -> None:
        count = machine.days.opened(day)
        if count is None:
            return
        was_known = count.has_finished_parts
        now = self._clock.now().timestamp()
        take_over(self._store, machine.device_id, count, starts, zone=self._plant.zone, now=now)
        machine.unstored = machine.unstored or count.changed
        if was_known or not count.has_finished_parts:
            return
        for other in (day - ONE_DAY, day + ONE_DAY):  # between their events and ours, none was finished
            has_events = _has_events(self._store, machine.device_id, other, self._plant.zone)
            if has_events and (neighbour := machine.days.opened(other)) is not None:
                take_over(self._store, machine.device_id, neighbour, (), zone=self._plant.zone, now=now)

    def _not_too_late(self, events: Sequence[PartsEvent]) -> Sequence[PartsEvent]:
        oldest = self._clock.now() - KEPT
        kept = [_as_stored(each) for each in events if each.timestamp >= oldest]
        if len(kept) < len(events):
            self._too_late.inc(len(events) - len(kept))
            log.warning("events about parts came too late", count=len(events) - len(kept), days=KEPT.days)
        return kept

    def _touched(self, events: Sequence[PartsEvent]) -> tuple[Collection[tuple[str, float]], Collection[str]]:
        """The machines and quarter hours that events report or correct, and the ids of refused corrections."""
        touched: set[tuple[str, float]] = set()
        own: set[str] = set()
        for each in events:
            if isinstance(each, PartsFinished):
                own.add(each.event_id)
                touched.update((each.device_id, start) for start in lot_of(each).quarters())
        corrections = [each for each in events if isinstance(each, PartsCorrected)]
        known: dict[str, Sequence[tuple[str, float]]] = {}
        if corrections:
            self._persist(
                lambda: known.update(self._store.finished_parts.quarters_of({c.corrects for c in corrections}))
            )
        oldest = (self._clock.now() - KEPT).timestamp()
        refused: set[str] = set()
        for each in corrections:
            quarters = known.get(each.corrects)
            if quarters is None:
                if each.corrects not in own:
                    self._note_unmatched(each, "a correction of parts names an event that is not known")
            elif any(device_id != each.device_id for device_id, _ in quarters):
                self._note_unmatched(each, "a correction of parts names an event of another machine")
                refused.add(each.event_id)
            elif all(start < oldest for _, start in quarters):
                self._too_late.inc()
                log.warning("a correction of parts names an event that is too old", device_id=each.device_id,
                            event_id=each.corrects, days=KEPT.days)  # fmt: skip
                refused.add(each.event_id)
            else:
                touched.update(quarter for quarter in quarters if quarter[1] >= oldest)
        return touched, refused

    def _note_unmatched(self, correction: PartsCorrected, why: str) -> None:
        self._unmatched.inc()
        log.warning(why, device_id=correction.device_id, event_id=correction.corrects)


def _as_stored(event: PartsEvent) -> PartsEvent:
    """The event as stored: the database keeps milliseconds, which determine the quarter hour."""
    if isinstance(event, PartsFinished) and event.since is not None:
        event = replace(event, timestamp=whole_milliseconds(event.timestamp), since=whole_milliseconds(event.since))
    return replace(event, timestamp=whole_milliseconds(event.timestamp))


def take_over(
    store: Store, device_id: str, count: DayCount, starts: Sequence[float], *, zone: ZoneInfo, now: float
) -> None:
    """Apply stored events to some quarter hours of a day; raises StoreUnavailable."""
    finished = store.finished_parts
    reported: Mapping[float, QuarterParts | None] = {}
    if starts:
        reported = by_quarter(finished.lots(device_id, starts[0], starts[-1] + QUARTER_SECONDS), starts)
    before, after = count.finished_around
    if not before:
        before = _has_events(store, device_id, count.date - ONE_DAY, zone)
    if not after and now > count.end - AHEAD:
        after = _has_events(store, device_id, count.date + ONE_DAY, zone)
    count.finish_parts(reported.items(), before=before, after=after)


def with_finished_parts(day: Day, store: Store, *, zone: ZoneInfo, now: float) -> Day:
    """The day with the parts of stored events; a day older than the stored events does not change."""
    if day.start < now - KEPT.total_seconds():
        return day
    count = DayCount(day)
    starts = [day.start + index * QUARTER_SECONDS for index in range(len(day))]
    take_over(store, day.device_id, count, starts, zone=zone, now=now)
    return count.day()


def _has_events(store: Store, device_id: str, day: date, zone: ZoneInfo) -> bool:
    return store.finished_parts.has_any(device_id, midnight(day, zone), midnight(day + ONE_DAY, zone))
