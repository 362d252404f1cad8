"""Late readings: recounts the days that they belong to, once no more of them arrive."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.ledger.local_days import date_at, utc
from energytrack.ledger.revising import carried_on
from energytrack.messages import Reading
from energytrack.plant import Plant
from energytrack.store import Store
from historian.ledger.cycles import BEFORE as CYCLES_BEFORE
from historian.ledger.cycles import REST, hours_looked_at
from historian.ledger.files import LedgerFiles
from historian.ledger.meters import FleetMeters
from historian.ledger.recount import BEFORE, Recount

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS: Final = 3600.0
"""A machine whose readings never arrive in order is recounted once an hour."""
PIECE_EVERY_SECONDS: Final = 1.0
PIECE_SECONDS: Final = 10.0
Persist = Callable[[Callable[[], None]], None]


class LateReadings:
    """Notes late readings in the store before they are stored themselves, and recounts between batches."""

    def __init__(
        self, store: Store, plant: Plant, files: LedgerFiles, meters: FleetMeters, *, persist: Persist, clock: Clock,
        registry: CollectorRegistry, after_seconds: float,
    ) -> None:  # fmt: skip
        self._store = store
        self._plant = plant
        self._files = files
        self._meters = meters
        self._persist = persist
        self._clock = clock
        self._after = after_seconds
        self._marked: dict[str, float] = {}
        self._since: dict[str, tuple[float, float]] = {}
        """When, by our stopwatch, a machine's first and last late readings came."""
        self._refused: set[str] = set()
        """Machines whose recounted days were refused, and are counted once more."""
        self._recount: Recount | None = None
        self._next = clock.monotonic()
        self._late = Counter(
            "energytrack_historian_late_readings",
            "Readings that came after newer ones of the same device; the days that they belong to are recounted.",
            registry=registry,
        )
        self._recounts = Counter(
            "energytrack_historian_recounts",
            "Devices whose days in the energy ledger were recounted after late readings.",
            registry=registry,
        )

    def note(self, readings: list[Reading]) -> None:
        """Note late readings: those that did not change their meters, and are not stored yet."""
        if not readings or not self._store.readings.indexed:
            return
        by_device: dict[str, list[datetime]] = defaultdict(list)
        for reading in readings:
            by_device[reading.device_id].append(reading.timestamp)
        kept = self._clock.now() - timedelta(days=self._store.readings.days)
        for device_id, times in by_device.items():
            late = sorted(at for at in set(times) - self._stored(device_id, times) if at >= kept)
            if late:
                self._late.inc(len(late))
                self._mark(device_id, late[0].timestamp())

    def run_once(self) -> None:
        """Between batches, count a piece of what is due. After a failure, the next round tries again."""
        now = self._clock.monotonic()
        self._take_up_marks(now)
        if now < self._next:
            return
        self._next = now + PIECE_EVERY_SECONDS
        try:
            with self._store.within(PIECE_SECONDS):
                self._recount = recount = self._recount or self._begin_recount(now)
                is_complete = (
                    recount is not None and self._counts_up_to_now(recount) and self._has_looked_for_cycles(recount)
                )
            if recount is not None and is_complete:
                self._adopt(recount)
        except StoreUnavailable:
            self._recount = None

    def _counts_up_to_now(self, recount: Recount) -> bool:
        """Count a piece; returns whether that was the last. By now, everything the live meter has counted is stored."""
        live = self._meters.get(recount.device_id)
        if live is None or live.meter is None or not recount.is_possible:
            return True
        return recount.go_on(utc(live.meter.at) + timedelta(milliseconds=1))

    def _has_looked_for_cycles(self, recount: Recount) -> bool:
        """Analyse one more of the hours that late readings may have changed; returns whether that was the last."""
        live = self._meters.get(recount.device_id)
        if live is None or not recount.is_possible:
            return True
        kept = (self._clock.now() - timedelta(days=self._store.readings.days)).timestamp()
        hours = [
            hour
            for hour in hours_looked_at(live, self._plant, since=self._marked[recount.device_id])
            if hour - CYCLES_BEFORE >= kept and hour not in recount.looked_at
        ]
        if hours:
            began = self._clock.monotonic()
            recount.look_for_cycles(hours[0], live.place)
            took = self._clock.monotonic() - began
            self._next = began + took + max(PIECE_EVERY_SECONDS, REST * took)
        return len(hours) <= 1

    def _stored(self, device_id: str, times: list[datetime]) -> frozenset[datetime]:
        stored: set[datetime] = set()
        since, until = min(times), max(times) + timedelta(milliseconds=1)
        self._persist(lambda: stored.update(self._store.readings.timestamps(device_id, since=since, until=until)))
        return frozenset(stored)

    def _mark(self, device_id: str, at: float) -> None:
        self._persist(lambda: self._store.meters.mark(device_id, at))
        self._meters.marked[device_id] = min(at, self._meters.marked.get(device_id, at))
        if self._recount is not None and self._recount.device_id == device_id:
            self._recount = None  # it would not have this reading

    def _take_up_marks(self, now: float) -> None:
        for device_id, at in self._meters.marked.items():
            self._marked[device_id] = min(at, self._marked.get(device_id, at))
            first, _ = self._since.get(device_id, (now, now))
            self._since[device_id] = first, now
        self._meters.marked.clear()

    def _begin_recount(self, now: float) -> Recount | None:
        for device_id, at in self._marked.items():
            first, last = self._since[device_id]
            if now - last >= self._after or now - first >= max(self._after, LONGEST_WAIT_SECONDS):
                day = date_at(at - BEFORE.total_seconds(), self._plant.zone)
                return Recount(device_id, day, store=self._store, plant=self._plant, files=self._files)
        return None

    def _adopt(self, recount: Recount) -> None:
        """Store the recounted days, and continue the machine from them."""
        device_id = recount.device_id
        live, meter = self._meters.get(device_id), recount.meter
        if live is None or live.meter is None:
            self._forget(device_id)  # the mark stays for the historian that loads this machine
            return
        if meter is None or meter.at < live.meter.at:
            log.warning("the ledger cannot be recounted after late readings", device_id=device_id)
            self._done(recount)
            return
        self._meters.store_ledger([live], self._clock.monotonic())
        stored = {day.date: day for day in self._store.ledger.counted_since([device_id], recount.first)}
        last = date_at(meter.at, self._plant.zone)
        days = recount.days(stored, last=last, at=self._clock.now().astimezone(UTC), why="late readings")
        days += [day.day() for day in live.days if day.date > last]  # so far only events report these
        machine = self._files.with_days(device_id, carried_on(meter, live.meter), days, stored=stored,
                                        counted=recount.machine)  # fmt: skip
        machine.openings = {day: opening for day, opening in recount.machine.openings.items() if day > recount.first}
        machine.place = live.place
        self._meters.replace(machine)
        self._meters.store_ledger([machine], self._clock.monotonic())
        if self._meters.get(device_id) is not machine:  # another process has written a day meanwhile
            if device_id not in self._refused:
                self._refused.add(device_id)
                self._forget(device_id)  # the mark stays, as above
            else:
                self._refused.remove(device_id)
                log.warning("the ledger cannot be recounted after late readings", device_id=device_id)
                self._done(recount)
            return
        self._refused.discard(device_id)
        self._recounts.inc()
        log.info("the ledger was recounted after late readings", device_id=device_id,
                 since=utc(self._marked[device_id]).isoformat())  # fmt: skip
        self._done(recount)

    def _done(self, recount: Recount) -> None:
        device_id = recount.device_id
        self._store.meters.unmark(device_id, self._marked[device_id], now=self._clock.now().timestamp())
        self._forget(device_id)

    def _forget(self, device_id: str) -> None:
        del self._marked[device_id], self._since[device_id]
        self._recount = None
