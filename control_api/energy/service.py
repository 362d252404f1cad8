"""Energy from the ledger, by period and group, and decisions about it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple

from msgspec.structs import replace

from control_api.auth.identity import Actor
from control_api.devices.service import DeviceService
from control_api.energy.grouping import Amount, Grouping, MachineRoster, totals
from control_api.energy.rules import (
    HIGHEST_KW,
    EnergyRow,
    QuarterRange,
    Resolution,
    SuspectPeriod,
    complaint,
    first_day,
    next_period,
    row,
    rows_of_day,
    suspects_of,
    whole_months,
)
from control_api.http.problems import Problem
from energytrack.clock import Clock
from energytrack.ledger.correction import Correction, Decision, decided
from energytrack.ledger.day import Day
from energytrack.ledger.imported import filled
from energytrack.ledger.local_days import ONE_DAY, date_at, dates, midnight, utc
from energytrack.ledger.presence import presences
from energytrack.ledger.sums import NOTHING, total
from energytrack.plant import Place, Plant
from energytrack.plant_meters.rules import KWH
from energytrack.store import Store
from energytrack.store.telemetry.ledger import Ledger

DEFAULT_DAYS: Final = 30


class EnergySelection(NamedTuple):
    """Which machines; None admits all."""

    device_id: str | None = None
    line: str | None = None
    device_type: str | None = None

    def admits(self, device_id: str, place: Place) -> bool:
        """Whether a machine at this place is selected."""
        return (
            self.device_id in {None, device_id}
            and self.line in {None, place.line}
            and self.device_type in {None, place.device_type}
        )

    def device_ids(self) -> Sequence[str] | None:
        """The selected machines, if they are named one by one."""
        return None if self.device_id is None else [self.device_id]


@dataclass(frozen=True)
class EnergyService:
    store: Store
    plant: Plant
    devices: DeviceService
    clock: Clock
    new_id: Callable[[], str]

    def today(self) -> date:
        """The plant's day."""
        return date_at(self.clock.now().timestamp(), self.plant.zone)

    def span(self, first: date | None, last: date | None) -> tuple[date, date]:
        """The requested days, both included; raises Problem."""
        last = last or self.today()
        first = first or last - timedelta(days=DEFAULT_DAYS)
        if first > last:
            raise Problem("invalid_request", f"from ({first}) is after to ({last}).")
        return first, last

    def rows(
        self, first: date, last: date, *, by: Grouping, resolution: Resolution, selection: EnergySelection
    ) -> Iterator[EnergyRow]:
        """Rows from `first` to `last`, both included, by time and then by name; periods without energy are left out."""
        if resolution in {"15min", "hour"}:
            yield from self._fine(first, last, by, resolution, selection)
            return
        amounts = self._days(first, last, selection) if resolution == "day" else self._months(first, last, selection)
        zone = self.plant.zone

        @cache
        def span_of(period: date) -> tuple[float, float]:
            start, end = max(first, period), min(last + ONE_DAY, next_period(period, resolution))
            return midnight(start, zone), midnight(end, zone)

        by_period = (
            Amount(each.device_id, first_day(each.period, resolution), each.place, each.sums) for each in amounts
        )
        groups = totals(by_period, self._machines(selection), span_of, by)
        for group in sorted(groups, key=lambda each: (each.period, each.name or "")):
            yield row(*span_of(group.period), group.name, groups[group], zone=zone)

    def _machines(self, selection: EnergySelection) -> MachineRoster:
        """The requested machines."""
        now = self.clock.now()
        presence_of = presences(self.store.meters.reading_spans(), self.store.machines.retired_at(), now=now)
        places = {
            each.device_id: Place(each.device_type, each.line)
            for each in self.devices.cached_machines().value
            if selection.admits(each.device_id, Place(each.device_type, each.line))
        }
        return MachineRoster(presence_of, places, now.timestamp())

    def names(self) -> tuple[str, ...]:
        """All machines that may have energy in the ledger."""
        return tuple(sorted({*self.store.devices.ids(), *self.store.meters.reading_spans()}))

    def suspects(self, first: date, last: date) -> list[SuspectPeriod]:
        """What waits for a decision, of machines and of plant meters, newest first."""
        waiting: list[SuspectPeriod] = []
        for ledger, rollups in (
            (self.store.ledger, self.store.rollups), (self.store.meter_ledger, self.store.meter_rollups)
        ):  # fmt: skip
            keys = [(each.device_id, each.date) for each in rollups.days(first, last) if each.sums.suspect_kwh]
            for day in self._decided(ledger, keys):
                waiting += suspects_of(day, self.unit_of(day.device_id), is_meter=self.is_meter(day.device_id))
        return sorted(waiting, key=lambda stretch: (stretch.start, stretch.device_id), reverse=True)

    def is_meter(self, device_id: str) -> bool:
        """Whether it is a plant meter, not a machine."""
        return device_id in self.plant.meters

    def unit_of(self, device_id: str) -> str:
        """The unit of a machine's or a meter's amounts."""
        meter = self.plant.meters.get(device_id)
        return KWH if meter is None else meter.measured_in

    def _ledger(self, device_id: str) -> Ledger:
        return self.store.meter_ledger if device_id in self.plant.meters else self.store.ledger

    def decide(
        self, device_id: str, start: datetime, end: datetime, decision: Decision, *, kwh: float | None, reason: str,
        by: Actor,
    ) -> Correction:  # fmt: skip
        """File a decision; raises Problem."""
        if not self.is_meter(device_id):
            self.devices.require(device_id)
        most = None if self.is_meter(device_id) else HIGHEST_KW
        complained = complaint(start, end, decision, kwh, now=self.clock.now(), most_kw=most)
        if complained is not None:
            raise Problem("invalid_request", complained)
        stretch = QuarterRange(start.astimezone(UTC), end.astimezone(UTC))
        days = self._days_of(device_id, stretch)
        _refuse_without_effect(device_id, decision, [day for day, _ in days], stretch)
        metered = tuple(day.suspect_kwh[index] for _, day in days for index in stretch.overlap(day))
        correction = Correction(
            correction_id=self.new_id(),
            device_id=device_id,
            start=stretch.start,
            end=stretch.end,
            decision=decision,
            kwh=kwh,
            suspect_kwh=metered if decision in {"accept", "reject"} else (),
            before_kwh=_counted((day for day, _ in days), stretch),
            after_kwh=None,
            reason=reason,
            decided_by=by.subject,
            role=by.role,
            address=by.address,
            decided_at=self.clock.now(),
        )
        made = [*self.store.corrections.within(stretch.start, stretch.end, device_ids=[device_id]), correction]
        correction = replace(correction, after_kwh=_counted((decided(day, made) for _, day in days), stretch))
        self.store.corrections.add(correction)
        self.store.edition.rise()
        return correction

    def _days_of(self, device_id: str, stretch: QuarterRange) -> list[tuple[Day, Day]]:
        """Days with and without people's decisions; raises Problem if one is not in the ledger."""
        zone = self.plant.zone
        first = date_at(stretch.start.timestamp(), zone)
        last = date_at((stretch.end - timedelta(microseconds=1)).timestamp(), zone)
        keys = [(device_id, day) for day in dates(first, last)]
        metered = self._ledger(device_id).metered(keys)
        missing = next((day for _, day in keys if (device_id, day) not in metered), None)
        if missing is not None:
            raise Problem("not_in_ledger", f"The energy ledger has no data of {device_id} on {missing}.")
        corrections = self.store.corrections.within(
            utc(midnight(first, zone)), utc(midnight(last + ONE_DAY, zone)), device_ids=[device_id]
        )
        return [(decided(metered[key], corrections), metered[key]) for key in keys]

    def _fine(
        self, first: date, last: date, by: Grouping, resolution: Resolution, selection: EnergySelection
    ) -> Iterator[EnergyRow]:
        device_ids = selection.device_ids() or self.names()
        now, zone = self.clock.now().timestamp(), self.plant.zone
        machines = self._machines(selection)
        if len(device_ids) == 1:
            groups: Iterable[list[Day]] = ([day] for day in self.store.ledger.days(device_ids, first, last))
        else:
            groups = (list(self.store.ledger.days(device_ids, day, day)) for day in dates(first, last))
        for days in groups:
            admitted = [day for day in days if selection.admits(day.device_id, Place(day.device_type, day.line))]
            yield from rows_of_day(admitted, by, resolution, machines=machines, now=now, zone=zone)

    def _days(self, first: date, last: date, selection: EnergySelection) -> Iterator[Amount]:
        for each in self.store.rollups.days(first, last, device_ids=selection.device_ids()):
            if selection.admits(each.device_id, each.place):
                yield Amount(*each)
        yield from self._corrected(first, last, selection)

    def _months(self, first: date, last: date, selection: EnergySelection) -> Iterator[Amount]:
        """Whole months from their sums, the rest from days."""
        whole = whole_months(first, last, self.today())
        if whole is None:
            yield from self._days(first, last, selection)
            return
        start, end = whole
        if first < start:
            yield from self._days(first, start - ONE_DAY, selection)
        for each in self.store.rollups.months(start, end, device_ids=selection.device_ids()):
            if selection.admits(each.device_id, each.place):
                yield Amount(each.device_id, date(each.year, each.month, 1), each.place, each.sums)
        yield from self._corrected(start, end, selection)
        if end < last:
            yield from self._days(end + ONE_DAY, last, selection)

    def _corrected(self, first: date, last: date, selection: EnergySelection) -> Iterator[Amount]:
        """How much decisions change the meters' amounts, which the stored sums of days and months contain."""
        zone = self.plant.zone
        since, until = utc(midnight(first, zone)), utc(midnight(last + ONE_DAY, zone))
        corrections = self.store.corrections.within(since, until, device_ids=selection.device_ids())
        keys = {
            (each.device_id, day)
            for each in corrections
            for day in dates(
                max(first, date_at(each.start.timestamp(), zone)),
                min(last, date_at((each.end - timedelta(microseconds=1)).timestamp(), zone)),
            )
        }
        for day in self.store.ledger.metered(sorted(keys)).values() if keys else ():
            place = Place(day.device_type, day.line)
            if selection.admits(day.device_id, place):
                change = decided(day, corrections).sums() - filled(day).sums()
                yield Amount(day.device_id, day.date, place, change)

    def _decided(self, ledger: Ledger, keys: Sequence[tuple[str, date]]) -> list[Day]:
        if not keys:
            return []
        days = ledger.metered(keys).values()
        since, until = min(day.start for day in days), max(day.end for day in days)
        corrections = self.store.corrections.within(utc(since), utc(until))
        return [decided(day, corrections) for day in days]


def _counted(days: Iterable[Day], stretch: QuarterRange) -> float | None:
    parts = [day.sums(indexes.start, indexes.stop) for day in days if (indexes := stretch.overlap(day))]
    return (total(parts) if parts else NOTHING).kwh


def _refuse_without_effect(device_id: str, decision: Decision, days: Sequence[Day], stretch: QuarterRange) -> None:
    """Raise Problem for a decision that would change nothing on these days."""
    quarters = [(day, index) for day in days for index in stretch.overlap(day)]
    if decision in {"accept", "reject"} and not any(day.suspect_kwh[index] for day, index in quarters):
        raise Problem("nothing_suspect", f"{device_id} has no energy in this time that waits for a decision.")
    if decision == "withdraw" and not any(index in day.corrections for day, index in quarters):
        raise Problem("no_correction", f"There is no decision about {device_id} in this time.")
