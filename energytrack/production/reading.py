"""Reads production from the store: machines' parts, stops and OEE."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from energytrack.events import DeviceEvent
from energytrack.ledger.day import Day
from energytrack.ledger.local_days import ONE_DAY, dates, midnight, utc
from energytrack.ledger.presence import Presence
from energytrack.plant import Place, Plant
from energytrack.production.cycles import ideal_cycle
from energytrack.production.machine_days import MachineDay, MachineHistory, machine_days, quarters_at_work
from energytrack.production.planned import PlannedTime
from energytrack.production.spans import common
from energytrack.production.spells import Spell, SpellDay
from energytrack.production.stops import by_machine
from energytrack.production.timeline import timeline
from energytrack.store import Store

LONGEST_REPAIR: Final = timedelta(days=14)
"""Failures or maintenance that began earlier are not considered."""
HISTORY: Final = timedelta(days=28)
"""The ideal cycle of a machine is found from this time before."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""A machine whose ideal cycle is not known may have worked enough by then."""
OVERLAYS: Final = ("failure", "maintenance_started", "maintenance_done")


class ProductionReader:
    """Reads days of the ledger, spells, events and reasons, and caches the ideal cycles that it found."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._store = store
        self._plant = plant
        self._planned = PlannedTime(plant)
        self._cycles: dict[tuple[str, date], tuple[float | None, datetime]] = {}
        """Each with the time when it was found."""

    def days(
        self,
        first: date,
        last: date,
        presences: Mapping[str, Presence],
        *,
        now: datetime,
        device_ids: Collection[str] | None = None,
    ) -> Iterator[MachineDay]:
        """Each machine and day with planned time or parts, machine after machine; raises StoreUnavailable.

        `presences` says when machines were present; those that are not in it are left out.
        """  # fmt: skip
        names = sorted(presences if device_ids is None else presences.keys() & set(device_ids))
        zone = self._plant.zone
        before, after = first - ONE_DAY, last + ONE_DAY  # stops over midnight are found as a whole
        start, end = midnight(before, zone), midnight(after + ONE_DAY, zone)
        ledger: dict[str, dict[date, Day]] = {}
        for day in self._store.ledger.days(names, first, last):
            ledger.setdefault(day.device_id, {})[day.date] = day
        spells = self._spells(before, after, names if device_ids is not None else None)
        events = self._overlays(utc(start) - LONGEST_REPAIR, utc(end))
        reasons = by_machine(self._store.stop_reasons.within(utc(start), utc(end)))
        bounds = [(day, (midnight(day, zone), midnight(day + ONE_DAY, zone))) for day in dates(first, last)]
        for name in names:
            own = ledger.get(name, {})
            place = self._place(name, own)
            presence = presences[name]
            until = min(end, presence.until, now.timestamp())
            planned = self._planned.between(place.line, before, after) or ()
            records = MachineHistory(
                name, place,
                self._timeline(spells.get(name, ()), events.get(name, ()), name, start, until),
                common(planned, [(presence.since, until)]) if presence.since < until else (),
                reasons.get(name, ()), until, self._cycle(name, place, last, now),
            )  # fmt: skip
            for each in machine_days(
                records, [(day, span, own.get(day)) for day, span in bounds], self._plant.production
            ):
                if each.amounts.planned_seconds or each.amounts.parts_seconds:
                    yield each

    def _place(self, device_id: str, days: Mapping[date, Day]) -> Place:
        """A machine's line and type in the plant file, otherwise those on the last of these days."""
        last = days[max(days)] if days else None
        return self._plant.place(device_id, *(() if last is None else (last.device_type, last.line)))

    def _spells(self, first: date, last: date, device_ids: Collection[str] | None) -> Mapping[str, Sequence[Spell]]:
        by_device: dict[str, list[SpellDay]] = {}
        for each in self._store.spells.days(first, last, device_ids=device_ids):
            by_device.setdefault(each.device_id, []).append(each)
        return {
            name: [spell for day in sorted(days, key=lambda day: day.start) for spell in day.spells]
            for name, days in by_device.items()
        }

    def _overlays(self, since: datetime, until: datetime) -> Mapping[str, Sequence[DeviceEvent]]:
        by_device: dict[str, list[DeviceEvent]] = {}
        for event in self._store.events.of_kinds(since=since, until=until, kinds=OVERLAYS):
            by_device.setdefault(event.device_id, []).append(event)
        return by_device

    def _timeline(
        self, spells: Sequence[Spell], events: Sequence[DeviceEvent], device_id: str, start: float, until: float
    ) -> tuple[Spell, ...]:
        """The timeline; changes of state are read only for machines whose readings have no state: others send many."""
        changes: list[DeviceEvent] = []
        if all(each.is_estimated for each in spells):
            since = utc(start)
            before = self._store.events.last_of_device(
                device_id, "state_changed", since=since - LONGEST_REPAIR, before=since
            )
            changes = [] if before is None else [before]  # its state still holds when these days begin
            changes += self._store.events.of_device(
                device_id, since=since, until=utc(max(start, until)), kinds=("state_changed",)
            )
        return timeline(spells, [*events, *changes], until=until)

    def _cycle(self, device_id: str, place: Place, last: date, now: datetime) -> float | None:
        """The ideal cycle: of the machine or its type in the plant file, or by its fastest quarter hours."""
        listed = self._plant.device(device_id)
        if listed is not None and listed.cycle_seconds is not None:
            return listed.cycle_seconds
        rules = self._plant.production
        by_type = rules.kind(place.device_type).cycle_seconds
        if by_type is not None:
            return by_type
        key = (device_id, last)
        found = self._cycles.get(key)
        if found is None or (found[0] is None and now - found[1] >= LOOK_AGAIN):
            if len(self._cycles) > 10_000:
                self._cycles.clear()
            found = self._cycles[key] = self._shown(device_id, last), now
        return found[0]

    def _shown(self, device_id: str, last: date) -> float | None:
        first = last - HISTORY
        days = [day for day in self._store.ledger.days([device_id], first, last) if day.parts is not None]
        if not days:
            return None
        spells = self._spells(first, last, [device_id]).get(device_id, ())
        quarters = [quarter for day in days for quarter in quarters_at_work(spells, day)]
        return ideal_cycle(quarters, percent=self._plant.production.ideal_percent)
