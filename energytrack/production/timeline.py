"""What a machine did, from its readings and from the events about it: every moment counts once. Pure.

Maintenance goes before a failure, and a failure before the state that readings tell: a machine that fails during
maintenance is in maintenance, and one that idles after its failure has failed until it works again.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from energytrack.events import DeviceEvent, Failure, MaintenanceDone, MaintenanceStarted, StateChanged
from energytrack.fields import State
from energytrack.production.spans import Span, common, union, without
from energytrack.production.spells import Spell


def timeline(spells: Sequence[Spell], events: Iterable[DeviceEvent], *, until: float) -> tuple[Spell, ...]:
    """Spells in order, none overlapping another; time in none of them is unknown.

    Changes of state count where readings tell none: each holds until the next one, and up to `until`.
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
    """The time of which anything is known."""
    return union((each.start, each.end) for each in spells)


def _by_changes(changes: Sequence[StateChanged], spells: Sequence[Spell], until: float) -> list[Spell]:
    """The reported states, and what the current says about the time before the first one."""
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
    """From its beginning until it is done, or until the machine works again."""
    works = [event for event in events if isinstance(event, MaintenanceStarted | MaintenanceDone)]
    for event, following in pairwise([*works, None]):
        if isinstance(event, MaintenanceStarted):
            start = event.timestamp.timestamp()
            end = until if following is None else following.timestamp.timestamp()
            yield start, min(end, _next_start(running, start, until))


def _failed(events: Sequence[DeviceEvent], running: Sequence[Span], until: float) -> Iterator[Span]:
    """From the failure until the machine works again, or is repaired."""
    repaired = [event.timestamp.timestamp() for event in events if isinstance(event, MaintenanceDone)]
    for event in events:
        if isinstance(event, Failure):
            start = event.timestamp.timestamp()
            done = next((at for at in repaired if at >= start), until)
            yield start, min(done, _next_start(running, start, until))


def _next_start(running: Sequence[Span], at: float, until: float) -> float:
    """When the machine next begins to run; what it runs at that moment goes on for a reading at most."""
    return next((start for start, _ in running if start > at), until)
