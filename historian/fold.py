"""The historian's knowledge about a machine, and how each message changes it: pure steps."""

from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from energytrack.machines import state as machine_state
from energytrack.machines.state import MachineState, WrongClock
from energytrack.messages import Insight, Message


class Deadband(Struct, frozen=True):
    """When an insight is new (exception reporting, as in process historians)."""

    step: float
    """Store when the probability moved by this much since the last stored one; 0 stores all."""
    every_seconds: float
    """Store at least one in this time."""


class KnownMachine(Struct, frozen=True):
    """The historian's knowledge about one machine."""

    latest: MachineState
    arrived: float
    """When its last message came, in seconds of the monotonic clock."""
    shown: float = float("-inf")
    """When its latest state was last stored."""
    stale: bool = False
    """The stored state is older than `latest`."""
    changed: bool = False
    """The stored state, prediction or recommendations differ."""
    filed: Insight | None = None
    """The insight that was stored last."""


def with_clock(machine: KnownMachine, clock: WrongClock, arrived: float) -> KnownMachine:
    """The machine after a reading that was refused because of its clock; if that is new, it is stored at once."""
    before, reading = machine.latest.clock, machine.latest.reading
    known = before is not None and (reading is None or before.timestamp > reading.timestamp)
    latest = replace(machine.latest, clock=clock)
    return replace(machine, latest=latest, arrived=arrived, stale=True, changed=machine.changed or not known)


def with_message(
    machine: KnownMachine, message: Message, band: Deadband, *, arrived: float, now: datetime
) -> tuple[KnownMachine, bool]:
    """The machine after a message that arrived at `now`, and whether that is an insight to be stored."""
    news = False
    if isinstance(message, Insight) and is_news(message, machine.filed, band):
        news = True
        if machine.filed is None or message.timestamp > machine.filed.timestamp:
            machine = replace(machine, filed=message)
    before = machine.latest
    latest = machine_state.with_message(before, message, now)
    if latest is before:
        return replace(machine, arrived=arrived), news
    changed = machine.changed or _is_shown_at_once(before, latest)
    return replace(machine, latest=latest, arrived=arrived, stale=True, changed=changed), news


def is_news(insight: Insight, filed: Insight | None, band: Deadband) -> bool:
    """Whether an insight differs enough from the last stored one to be stored."""
    if filed is None or band.step == 0 or not _is_same_verdict(insight, filed):
        return True
    if abs((insight.timestamp - filed.timestamp).total_seconds()) >= band.every_seconds:
        return True
    if insight.failure_probability is None or filed.failure_probability is None:
        return insight.failure_probability is not filed.failure_probability
    return abs(insight.failure_probability - filed.failure_probability) >= band.step - ROUNDING


ROUNDING: Final = 1e-9
"""A change of exactly one step counts, despite rounding errors."""


def _is_shown_at_once(before: MachineState, latest: MachineState) -> bool:
    """Whether something changed that people must see at once: a state, a prediction, recommendations."""
    if latest.state != before.state or latest.change != before.change:
        return True
    if latest.insight is before.insight or latest.insight is None:
        return False
    return before.insight is None or not _is_same_verdict(latest.insight, before.insight)


def _is_same_verdict(one: Insight, other: Insight) -> bool:
    return (
        one.prediction == other.prediction
        and one.model_version == other.model_version
        and [each.code for each in one.recommendations] == [each.code for each in other.recommendations]
    )
