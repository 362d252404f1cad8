"""What the historian knows of a machine, and what it makes of each message: pure steps."""

from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from energytrack.machines import state as machine_state
from energytrack.machines.state import MachineState, WrongClock
from energytrack.messages import Insight, Message


class Deadband(Struct, frozen=True):
    """When an insight is news (exception reporting, as historians of process data do it)."""

    step: float
    """Store when the probability moved by this much since the last stored one; 0 stores all."""
    every_seconds: float
    """Store at least one in this time."""


class KnownMachine(Struct, frozen=True):
    """What the historian knows of one machine."""

    latest: MachineState
    heard: float
    """When its last message came, in seconds of the monotonic clock."""
    shown: float = float("-inf")
    """When its latest state was last brought to the store."""
    stale: bool = False
    """The store shows something older than `latest`."""
    changed: bool = False
    """The store shows another state, prediction or set of recommendations."""
    filed: Insight | None = None
    """The insight that was stored last."""


def with_clock(machine: KnownMachine, clock: WrongClock, heard: float) -> KnownMachine:
    """After a reading that was refused for its clock: the store hears of it at once where that is news."""
    before, reading = machine.latest.clock, machine.latest.reading
    known = before is not None and (reading is None or before.timestamp > reading.timestamp)
    latest = replace(machine.latest, clock=clock)
    return replace(machine, latest=latest, heard=heard, stale=True, changed=machine.changed or not known)


def with_message(
    machine: KnownMachine, message: Message, band: Deadband, *, heard: float, now: datetime
) -> tuple[KnownMachine, bool]:
    """After a message that came in at `now`, and whether it is an insight that is to be stored."""
    news = False
    if isinstance(message, Insight) and is_news(message, machine.filed, band):
        news = True
        if machine.filed is None or message.timestamp > machine.filed.timestamp:
            machine = replace(machine, filed=message)
    before = machine.latest
    latest = machine_state.with_message(before, message, now)
    if latest is before:
        return replace(machine, heard=heard), news
    changed = machine.changed or _shown_at_once(latest) != _shown_at_once(before)
    return replace(machine, latest=latest, heard=heard, stale=True, changed=changed), news


def is_news(insight: Insight, filed: Insight | None, band: Deadband) -> bool:
    """Whether an insight says something that the one stored last does not."""
    if filed is None or band.step == 0 or _verdict(insight) != _verdict(filed):
        return True
    if abs((insight.timestamp - filed.timestamp).total_seconds()) >= band.every_seconds:
        return True
    if insight.failure_probability is None or filed.failure_probability is None:
        return insight.failure_probability is not filed.failure_probability
    return abs(insight.failure_probability - filed.failure_probability) >= band.step - ROUNDING


ROUNDING: Final = 1e-9
"""A move of exactly one step counts, whatever binary fractions make of it."""


def _shown_at_once(latest: MachineState) -> tuple[object, ...]:
    """What people must not see late: a state, a prediction, recommendations."""
    return latest.state, latest.change, None if latest.insight is None else _verdict(latest.insight)


def _verdict(insight: Insight) -> tuple[object, ...]:
    return (insight.prediction, insight.model_version, tuple(one.code for one in insight.recommendations))
