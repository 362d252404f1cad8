"""What the historian knows of a machine, and what it makes of each message: pure steps."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from energytrack.messages import Insight, Reading, StateChanged
from energytrack.store.telemetry.devices import Latest


class Deadband(Struct, frozen=True):
    """When an insight is news (exception reporting, as historians of process data do it)."""

    step: float
    """Store when the probability moved by this much since the last stored one; 0 stores all."""
    every_seconds: float
    """Store at least one in this time."""


class Machine(Struct, frozen=True):
    """What the historian knows of one machine."""

    latest: Latest
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


def with_reading(machine: Machine, reading: Reading, heard: float) -> Machine:
    """After a reading; a late one changes nothing but when the machine was heard."""
    before = machine.latest.reading
    if before is not None and reading.timestamp <= before.timestamp:
        return replace(machine, heard=heard)
    latest = replace(
        machine.latest,
        reading=reading,
        device_type=reading.device_type or machine.latest.device_type,
        line=reading.line or machine.latest.line,
    )
    changed = machine.changed or latest.state != machine.latest.state
    return replace(machine, latest=latest, heard=heard, stale=True, changed=changed)


def with_change(machine: Machine, change: StateChanged, heard: float) -> Machine:
    """After a change of state; a late one changes nothing but when the machine was heard."""
    before = machine.latest.change
    if before is not None and change.timestamp <= before.timestamp:
        return replace(machine, heard=heard)
    return replace(machine, latest=replace(machine.latest, change=change), heard=heard, stale=True, changed=True)


def with_insight(machine: Machine, insight: Insight, band: Deadband, heard: float) -> tuple[Machine, bool]:
    """After an insight, and whether it is to be stored."""
    news = is_news(insight, machine.filed, band)
    if news and (machine.filed is None or insight.timestamp > machine.filed.timestamp):
        machine = replace(machine, filed=insight)
    before = machine.latest.insight
    if before is not None and insight.timestamp <= before.timestamp:
        return replace(machine, heard=heard), news
    changed = machine.changed or before is None or _verdict(insight) != _verdict(before)
    latest = replace(machine.latest, insight=insight)
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


def _verdict(insight: Insight) -> tuple[object, ...]:
    return (insight.prediction, insight.model_version, tuple(one.code for one in insight.recommendations))
