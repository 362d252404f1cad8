"""A machine's timeline, from its readings and the events about it: every moment counts once. Pure.

Maintenance takes precedence over a failure, and a failure over the state in readings: a machine that fails during
maintenance is in maintenance, and one that idles after its failure has failed until it works again.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from energytrack.events import DeviceEvent, Failure, MaintenanceDone, MaintenanceStarted, StateChanged
from energytrack.fields import State
from energytrack.production.spans import Span, common, union, without
from energytrack.production.spells import Spell


def timeline(spells: Sequence[Spell], events: Iterable[DeviceEvent], *, until: float) -> tuple[Spell, ...]:
    """Spells in order, without overlaps; time outside them is unknown.

    Changes of state count if readings have none: each holds until the next one, the last up to `until`.
    """
    ordered = sorted(events, key=lambda event: event.timestamp)
    reported = [each for each in spells if not each.is_estimated]
    changes = [event for event in ordered if isinstance(event, StateChanged)]
    if not reported and changes:
        spells = _by_changes(changes, spells, until)
    running = union((each.start, each.end) for each in spells if each.state == "running")
    maintenance = union(_maintenance(ordered, running, until))
    failed = without(union(_failed(ordered, running, until)), maintenance)
    result_spells = [Spell(start, end, "maintenance") for start, end in maintenance]
    result_spells += [Spell(start, end, "failed") for start, end in failed]
    taken = union((*maintenance, *failed))
    for each in spells:
        result_spells += [
            Spell(start, end, each.state, each.is_estimated) for start, end in without([(each.start, each.end)], taken)
        ]
    return tuple(sorted(result_spells, key=lambda each: each.start))


def of_state(spells: Iterable[Spell], *states: State) -> tuple[Span, ...]:
    """The time in some states."""
    return union((each.start, each.end) for each in spells if each.state in states)


def known_time(spells: Iterable[Spell]) -> tuple[Span, ...]:
    """The time in which the state is known."""
    return union((each.start, each.end) for each in spells)


def _by_changes(changes: Sequence[StateChanged], spells: Sequence[Spell], until: float) -> list[Spell]:
    """The reported states, and those by current before the first one."""
    ends = [each.timestamp.timestamp() for each in changes[1:]]
    result_spells = [
        Spell(each.timestamp.timestamp(), end, each.state)
        for each, end in zip(changes, [*ends, until], strict=True)
        if each.timestamp.timestamp() < end
    ]
    first = changes[0].timestamp.timestamp()
    for each in spells:
        result_spells += [
            Spell(*span, each.state, each.is_estimated) for span in common([(each.start, each.end)], [(0, first)])
        ]
    return result_spells


def _maintenance(events: Sequence[DeviceEvent], running: Sequence[Span], until: float) -> Iterator[Span]:
    """Maintenance: from its start until it is done, or until the machine works again."""
    works = [event for event in events if isinstance(event, MaintenanceStarted | MaintenanceDone)]
    for event, following in pairwise([*works, None]):
        if isinstance(event, MaintenanceStarted):
            start = event.timestamp.timestamp()
            end = until if following is None else following.timestamp.timestamp()
            yield start, min(end, _next_start(running, start, until))


def _failed(events: Sequence[DeviceEvent], running: Sequence[Span], until: float) -> Iterator[Span]:
    """Failures: each until the machine works again, or is repaired."""
    repaired = [event.timestamp.timestamp() for event in events if isinstance(event, MaintenanceDone)]
    for event in events:
        if isinstance(event, Failure):
            start = event.timestamp.timestamp()
            done = next((at for at in repaired if at >= start), until)
            yield start, min(done, _next_start(running, start, until))


def _next_start(running: Sequence[Span], at: float, until: float) -> float:
    """The next start of the machine after a moment; it may still run for one reading at that moment."""
    return next((start for start, _ in running if start > at), until)
