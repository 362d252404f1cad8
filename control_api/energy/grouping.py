"""Energy by machine, line, type or plant, with the time that each group should cover. Pure."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

from energytrack.ledger.presence import Presence, shares_of
from energytrack.ledger.sums import EnergySums, total
from energytrack.plant import Place

Grouping = Literal["machine", "line", "type", "plant"]


class Group(NamedTuple):
    """A machine, line, type or the plant."""

    period: date
    """The first day of the period."""
    name: str | None


class Total(NamedTuple):
    """Energy of a group in a period."""

    sums: EnergySums
    seconds: float
    """The time of its machines in which they were there."""
    since: float = -math.inf
    """When the first reading of any of them arrived."""


class Amount(NamedTuple):
    """What one machine used in a period, or in a part of it."""

    device_id: str
    period: date
    place: Place
    sums: EnergySums


def name_of(by: Grouping, device_id: str, place: Place) -> str | None:
    """The group of a machine; None for the plant, or if its line or type is not known."""
    return {"machine": device_id, "line": place.line, "type": place.device_type, "plant": None}[by]


class MachineRoster:
    """The machines of a response: when each was present, and its current line."""

    def __init__(self, presences: Mapping[str, Presence], places: Mapping[str, Place], now: float) -> None:
        """`presences` has the machines of the ledger; any other counts as present all the time, up to now."""
        self._presences = presences
        self._places = places
        self._always = Presence(until=now)

    def presence(self, device_id: str) -> Presence:
        """When a machine was present."""
        return self._presences.get(device_id, self._always)

    def missing(self, seen: Collection[str], start: float, end: float) -> Iterator[tuple[str, Place, float]]:
        """Machines that are not among those seen, where they stand, and how long they were there."""
        for device_id, place in self._places.items():
            if device_id not in seen and device_id in self._presences:
                seconds = self._presences[device_id].seconds(start, end)
                if seconds:
                    yield device_id, place, seconds


def totals(
    amounts: Iterable[Amount], machines: MachineRoster, span_of: Callable[[date], tuple[float, float]], by: Grouping
) -> Mapping[Group, Total]:
    """Amounts by group, with the time in which the machines of the group were there.

    A machine without reports in a period counts where it stands now, if anything is known of its group.
    """
    sums_by_day: dict[date, dict[str, dict[str | None, EnergySums]]] = {}
    for each in amounts:
        names = sums_by_day.setdefault(each.period, {}).setdefault(each.device_id, {})
        name = name_of(by, each.device_id, each.place)
        names[name] = names[name] + each.sums if name in names else each.sums
    groups: dict[Group, Total] = {}
    for period, devices in sums_by_day.items():
        groups |= {Group(period, name): total for name, total in grouped(devices, machines, *span_of(period), by)}
    return groups


def grouped(
    devices: Mapping[str, Mapping[str | None, EnergySums]],
    machines: MachineRoster,
    start: float,
    end: float,
    by: Grouping,
) -> Iterator[tuple[str | None, Total]]:
    """The groups of one period, from the sums of each machine by group."""
    sums: dict[str | None, list[EnergySums]] = {}
    seconds: dict[str | None, float] = {}
    since: dict[str | None, float] = {}
    for device_id, names in devices.items():
        presence = machines.presence(device_id)
        known_time = {name: each.known_seconds + each.unknown_seconds for name, each in names.items()}
        missing = shares_of(presence.seconds(start, end), known_time)
        for name, each in names.items():
            sums.setdefault(name, []).append(each)
            seconds[name] = seconds.get(name, 0.0) + known_time[name] + missing[name]
            since[name] = min(since.get(name, math.inf), presence.since)
    for device_id, place, there_for in machines.missing(devices, start, end):
        name = name_of(by, device_id, place)
        if name in sums:
            seconds[name] += there_for
            since[name] = min(since[name], machines.presence(device_id).since)
    for name, by_group in sums.items():
        yield name, Total(total(by_group), seconds[name], since[name])
