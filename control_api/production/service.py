"""What machines made, when they stopped, and the reasons that people give."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from control_api.auth.identity import Actor
from control_api.devices.service import DeviceService
from control_api.http.problems import Problem
from control_api.production.rules import reason_named, stop_at
from energytrack.clock import Clock, whole_milliseconds
from energytrack.ledger.local_days import ONE_DAY, date_at, utc
from energytrack.ledger.presence import presences
from energytrack.plant import Plant
from energytrack.production.machine_days import MachineDay
from energytrack.production.reading import ProductionReader
from energytrack.production.stops import ExplainedStop
from energytrack.store import Store
from energytrack.store.operations.stop_reasons import StopReasonRecord

MOST_MACHINE_DAYS: Final = 3000
"""Ten days of 300 machines: some ten seconds of work."""


@dataclass(eq=False)
class ProductionService:
    store: Store
    plant: Plant
    devices: DeviceService
    clock: Clock
    new_id: Callable[[], str]
    latest: tuple[MachineDay, ...] = ()
    """Of today, as last worked out; for metrics."""
    _reader: ProductionReader = field(init=False)

    def __post_init__(self) -> None:
        self._reader = ProductionReader(self.store, self.plant)

    def today(self) -> date:
        """Today in the plant's zone."""
        return date_at(self.clock.now().timestamp(), self.plant.zone)

    def days(
        self, first: date | None, last: date | None, *, device_id: str | None = None, line: str | None = None,
        device_type: str | None = None,
    ) -> Sequence[MachineDay]:  # fmt: skip
        """Each requested machine and day, by default today; raises Problem."""
        last = min(last or self.today(), self.today())
        first = first or last
        if first > last:
            raise Problem("invalid_request", f"from ({first}) is after to ({last}).")
        now = self.clock.now()
        names = None if device_id is None else [device_id]
        presence_of = presences(self.store.meters.reading_spans(names), self.store.machines.retired_at(), now=now)
        days = (last - first).days + 1
        if days > 1 and len(presence_of) * days > MOST_MACHINE_DAYS:
            raise Problem(
                "too_many_rows",
                f"{len(presence_of)} machines and {days} days are too many at once: ask for fewer of either.",
            )
        return [
            each
            for each in self._reader.days(first, last, presence_of, now=now, device_ids=names)
            if line in {None, each.place.line} and device_type in {None, each.place.device_type}
        ]

    def explain(self, device_id: str, start: datetime, reason: str, *, note: str, by: Actor) -> StopReasonRecord:
        """Store why a machine stopped; raises Problem."""
        self.devices.require(device_id)
        named_reason = reason_named(reason, self.plant.production.reasons)
        if named_reason is None:
            expected = ", ".join(each.code for each in self.plant.production.reasons)
            raise Problem("invalid_request", f"There is no reason {reason!r}; the reasons are {expected}.")
        stop = self._stop(device_id, start.timestamp())
        if stop is None:
            raise Problem("unknown_stop", f"{device_id} was not stopped at {start.isoformat(timespec='seconds')}.")
        record = StopReasonRecord(
            reason_id=self.new_id(), device_id=device_id, start=utc(stop.stop.start), code=named_reason.code, note=note,
            by=by.subject, role=by.role, address=by.address, at=whole_milliseconds(self.clock.now()),
        )  # fmt: skip
        self.store.stop_reasons.add([record])
        return record

    def look(self) -> None:
        """Compute today for the metrics."""
        self.latest = tuple(self.days(None, None))

    def _stop(self, device_id: str, at: float) -> ExplainedStop | None:
        day = date_at(at, self.plant.zone)
        return stop_at(self.days(day - ONE_DAY, day, device_id=device_id), at)
