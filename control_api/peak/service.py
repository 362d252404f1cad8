"""The peak guard: follows the current quarter hour, and proposes what may wait. It never orders anything itself.

It runs here because the control API is the only service that sees every machine in one process (exporters and historian
see those of their partitions), and that knows locks, shifts and open orders, without which no proposal is safe.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from control_api.bulk.rules import Selection
from control_api.bulk.service import BulkService
from control_api.devices.service import DeviceService
from control_api.live.fleet import Update
from control_api.peak.rules import Outlook, ended, sentence_of, waiters_of
from energytrack.bill.load import Load, Month
from energytrack.bill.reading import Bills
from energytrack.clock import Clock
from energytrack.ledger.local_days import date_at, utc
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.peak.forecast import KEPT, Forecast, RunningQuarter
from energytrack.peak.proposal import PeakProposal, propose
from energytrack.peak.watch import QuarterWatch, counted_kwh
from energytrack.peak.worth import BilledPeaks, PeakTarget, defence_of
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.operations.commands import OrderFilter

log = structlog.get_logger(__name__)

ANCHOR_SECONDS: Final = 60.0
"""How often the ledger is read: the historian files it once a minute."""
SETTLED_SECONDS: Final = 150.0
"""After the end of a quarter hour, until the ledger has all of it."""
PAID_SECONDS: Final = 6 * 3600.0
"""How often a whole month is read: people may have decided about energy in it."""
STOPPING: Final = "shutdown"


@dataclass(eq=False)
class PeakGuard:
    """One in each replica; all see the same."""

    store: Store
    plant: Plant
    devices: DeviceService
    bulk: BulkService
    clock: Clock
    updates: Callable[[], Sequence[Update]]
    """The live state of all machines."""
    _watch: QuarterWatch = field(default_factory=QuarterWatch)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._bills = Bills(self.store, self.plant, self.clock)
        self._anchored_at = self._paid_at = float("-inf")
        self._paid = BilledPeaks(None, None, None)
        self._month: Month | None = None
        self._ended: tuple[float, list[float | None], PeakTarget | None] | None = None
        """A quarter hour that is over and not filed yet: its start, its forecasts, what was defended."""
        self._knows_errors = False

    def step(self) -> None:
        """Look once; called every few seconds."""
        now = self.clock.now().timestamp()
        power = {each.device_id: each.power_watts or 0.0 for each in self.updates() if not each.silent}
        self._learn()
        self._read_paid(now)
        with self._lock:
            before = (self._watch.start, self._watch.forecasts)
            turned = self._watch.look(now, sum(power.values()))
        if turned and before[0] is not None:
            self._ended = (before[0], before[1], self.defence())
            self._anchored_at = float("-inf")
        if now - self._anchored_at >= ANCHOR_SECONDS:
            self._anchor(now, power)

    def current(self) -> tuple[Forecast, PeakTarget | None] | None:
        """The forecast of the current quarter hour and its limit; None while its beginning is unknown."""
        with self._lock:
            running = self._watch.running(self.clock.now().timestamp())
            forecast = None if running is None else self._watch.errors.forecast(running)
        return None if forecast is None else (forecast, self.defence())

    def outlook(self) -> Outlook | None:
        """The current quarter hour with a proposal; None while its beginning is unknown."""
        now = self.clock.now()
        with self._lock:
            running, start = self._watch.running(now.timestamp()), self._watch.start
            if running is None or start is None:
                return None
            forecast = self._watch.errors.forecast(running)
        defence = self.defence()
        return Outlook(
            start=utc(start).astimezone(self.plant.zone),
            elapsed_seconds=running.elapsed,
            used_kwh=running.kwh,
            watts=running.watts,
            forecast=forecast,
            defence=defence,
            cost=None if defence is None else defence.cost(forecast.kw),
            proposal=self._proposal(forecast.kw, running, defence, now),
            sentence=sentence_of(forecast, defence, self.plant.tariff.currency),
        )

    def defence(self) -> PeakTarget | None:
        """The limit of the current quarter hour."""
        version = self.plant.tariff.version(date_at(self.clock.now().timestamp(), self.plant.zone))
        return None if version is None else defence_of(version.demand, self._paid)

    def _proposal(
        self, kw: float, running: RunningQuarter, defence: PeakTarget | None, now: datetime
    ) -> PeakProposal | None:
        if defence is None or defence.above_kw(kw) <= 0.0:
            return None
        machines = self.devices.machines()
        planned = self.bulk.plan(STOPPING, Selection(), override=True)  # who orders decides about cycles and shifts
        waiters = waiters_of(machines, planned.steps, self.plant.peak, now)
        return propose(waiters, above_kw=defence.above_kw(kw), seconds_left=running.left, now=now)

    def _learn(self) -> None:
        """Learn from past errors, which are stored and survive a restart."""
        if not self._knows_errors:
            for quarter in reversed(self.store.quarters.latest(KEPT)):
                self._watch.errors.add(quarter.forecasts, quarter.kw)
            self._knows_errors = True

    def _read_paid(self, now: float) -> None:
        month = Month.of(date_at(now, self.plant.zone))
        if month == self._month and now - self._paid_at < PAID_SECONDS:
            return
        running = now // QUARTER_SECONDS * QUARTER_SECONDS
        this, last = self._bills.load(month), self._bills.load(month.previous)
        self._paid = BilledPeaks(
            _highest(this, before=running), self._bills.paid_kw(month), _highest(last, before=running)
        )
        self._month, self._paid_at = month, now

    def _anchor(self, now: float, power: dict[str, float]) -> None:
        today = date_at(now, self.plant.zone)
        start = now // QUARTER_SECONDS * QUARTER_SECONDS
        first = min(today, date_at(start - QUARTER_SECONDS, self.plant.zone))
        device_ids = dict.fromkeys([*power, *(device.device_id for device in self.plant.devices)])
        days = list(self.store.ledger.days(device_ids, first, today))
        with self._lock:
            self._watch.anchor(self.clock.now().timestamp(), days, power)
        self._anchored_at = now
        if self._ended is not None and now - self._ended[0] >= QUARTER_SECONDS + SETTLED_SECONDS:
            over, forecasts, defence = self._ended
            self._ended = None
            kwh = sum(
                counted_kwh(day, round((over - day.start) / QUARTER_SECONDS))
                for day in days
                if day.start <= over < day.end
            )
            self._file(over, 4.0 * kwh, forecasts, defence)

    def _file(self, start: float, kw: float, forecasts: list[float | None], defence: PeakTarget | None) -> None:
        began, over = utc(start), utc(start + QUARTER_SECONDS)
        orders = self.store.commands.find(OrderFilter(action=STOPPING, since=began, until=over))
        quarter = ended(began, kw, forecasts, defence, [(each.device_id, each.requested_at) for each in orders])
        self.store.quarters.add(quarter)
        with self._lock:
            self._watch.errors.add(forecasts, kw)
        month_kw = kw if self._paid.month_kw is None else max(kw, self._paid.month_kw)
        if Month.of(date_at(start, self.plant.zone)) == self._month:
            self._paid = self._paid._replace(month_kw=month_kw)
        if quarter.avoided_kw:
            log.info("a peak was avoided", start=began, kw=round(quarter.avoided_kw, 1), cost=quarter.avoided_cost)


def _highest(load: Load, *, before: float) -> float | None:
    """The highest quarter hour that had ended by then; None if nothing is known."""
    ended_by = round((before - load.start) / QUARTER_SECONDS)
    return max((load.kw(index) for index in range(min(ended_by, len(load.kwh))) if load.known[index]), default=None)
