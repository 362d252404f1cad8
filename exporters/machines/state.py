"""The state of a device, and how each message changes it: pure folds over frozen values.

A repeated or outdated message returns the identical state: at-least-once delivery changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from energytrack.catalogue import CODES
from energytrack.events import PARTS_KINDS, CommandResult, DeviceEvent, Failure, FaultCode, MaintenanceDone
from energytrack.fields import State
from energytrack.machines.silence import next_interval
from energytrack.machines.state import MachineState, with_message
from energytrack.messages import Insight, Reading
from energytrack.metering.step import step
from energytrack.metering.values import Meter
from energytrack.plant import Place, Plant
from energytrack.store.telemetry.events import LatestEvent

UNKNOWN: Final = "unknown"
REMEMBERED_EVENTS: Final = 64
"""Event ids kept per device to detect repeated events."""
DISTINCT_LABELS: Final = 16
"""Codes, modes and similar labels kept per device. Only the newest are kept: no gateway can flood Prometheus with
series.
"""


class DeviceLabels(Struct, frozen=True):
    """The labels of all series of a device."""

    device_id: str
    device_type: str
    line: str


Lasts = tuple[tuple[tuple[str, ...], float], ...]
"""Label values and seconds since the epoch, the newest last."""


class Occurrences(Struct, frozen=True):
    """How often something happened and when it last did, by label values."""

    count: int = 0
    last: Lasts = ()


class Advice(Struct, frozen=True):
    """The recommendations for a device."""

    openings: tuple[tuple[tuple[str, ...], float], ...] = tuple(((code,), 0.0) for code in CODES)
    """How often each was opened."""
    active: frozenset[str] = frozenset()
    ever: frozenset[str] = frozenset()
    """Those that have been active at any time."""


class DeviceState(Struct, frozen=True):
    """Everything that the exporters publish about one device."""

    identity: DeviceLabels
    home: tuple[str, int]
    """Topic and partition of its readings; before the first reading, those of its first message."""
    received_at: datetime
    """When its last new reading (or its first message) arrived, by our own clock."""
    machine: MachineState
    """Its latest reading, insight and state: the same fold as in the historian and the control API."""
    interval: float | None = None
    """Estimated seconds between its readings."""
    silent: bool = False
    """Set in snapshots: no reading for two intervals and at least ten seconds."""
    meter: Meter | None = None
    resumed: bool = False
    """Whether its meter was resumed from the store. Until then the meter counts from this exporter's first
    reading: it shows the power, but no counter, which would fall below what another exporter has shown.
    """
    advice: Advice | None = None
    failures: Occurrences = Occurrences()
    fault_codes: Occurrences = Occurrences()
    maintenance: Occurrences = Occurrences()
    commands: Occurrences = Occurrences()
    recent_events: tuple[str, ...] = ()
    recalled: bool = False
    """Whether its past events were read from the store."""

    @property
    def reading(self) -> Reading | None:
        return self.machine.reading

    @property
    def insight(self) -> Insight | None:
        return self.machine.insight

    @property
    def state(self) -> State | None:
        """The machine's current state."""
        return self.machine.state


def blank_state(device_id: str, home: tuple[str, int], *, now: datetime, plant: Plant) -> DeviceState:
    """The state of a device before its first message."""
    return DeviceState(identity_of(device_id, plant), home, now, MachineState(device_id))


def identity_of(device_id: str, plant: Plant) -> DeviceLabels:
    """The labels of a device that has not sent any yet."""
    return _identity(device_id, plant.place(device_id))


def fold_reading(
    state: DeviceState, reading: Reading, home: tuple[str, int], *, now: datetime, plant: Plant
) -> DeviceState:
    """The state after a reading that arrived at `now` from its home partition."""
    machine = with_message(state.machine, reading, now)
    if machine is state.machine:
        return state
    last = state.machine.reading
    interval = state.interval
    if last is not None and reading.timestamp > last.timestamp:
        interval = next_interval(interval, (reading.timestamp - last.timestamp).total_seconds())
    identity = _identity(state.identity.device_id, plant.place(reading.device_id, machine.device_type, machine.line))
    if identity == state.identity:
        identity = state.identity
    limits = plant.limits(identity.device_id, identity.device_type)
    return msgspec.structs.replace(
        state,
        identity=identity,
        home=home,
        received_at=now,
        machine=machine,
        interval=interval,
        meter=step(state.meter, reading, limits).meter,
    )


def fold_insight(state: DeviceState, insight: Insight, *, now: datetime) -> DeviceState:
    """The state after an insight. A recommendation opens if the previous insight did not have it.

    Those of the very first insight count as already open: they may be old, and Prometheus would not see the rise of a
    counter that starts at one.
    """
    machine = with_message(state.machine, insight, now)
    if machine is state.machine:
        return state
    active = frozenset(recommendation.code for recommendation in insight.recommendations)
    if state.advice is None:
        advice = Advice(active=active & frozenset(CODES), ever=active & frozenset(CODES))
    else:
        advice = _advise(state.advice, active)
    return msgspec.structs.replace(state, machine=machine, advice=advice)


def fold_event(state: DeviceState, event: DeviceEvent, *, now: datetime) -> DeviceState:
    """The state after an event; unchanged if its id is among the device's recent ones."""
    if isinstance(event, PARTS_KINDS) or event.event_id in state.recent_events:
        return state  # there may be as many of the former as parts: the ledger counts them
    recent = (*state.recent_events[1 - REMEMBERED_EVENTS :], event.event_id)
    machine = with_message(state.machine, event, now)
    state = msgspec.structs.replace(state, recent_events=recent, machine=machine)
    at = event.timestamp
    match event:
        case CommandResult():
            commands = happen(state.commands, (event.action, event.outcome), at)
            state = msgspec.structs.replace(state, commands=commands)
        case FaultCode():
            state = msgspec.structs.replace(state, fault_codes=happen(state.fault_codes, (event.code,), at))
        case Failure():
            state = msgspec.structs.replace(state, failures=happen(state.failures, (event.mode,), at))
        case MaintenanceDone():
            state = msgspec.structs.replace(state, maintenance=happen(state.maintenance, (event.component,), at))
        case _:
            pass  # changes of state, including maintenance that started, are in the machine state
    return state


def recall(state: DeviceState, past: Iterable[LatestEvent]) -> DeviceState:
    """The state with the times of past events. Counts start at zero with each exporter."""
    fields = {
        "failure": state.failures,
        "fault_code": state.fault_codes,
        "maintenance_done": state.maintenance,
    }
    for each in sorted(past, key=lambda each: each.at):
        before = fields[each.kind]
        fields[each.kind] = Occurrences(before.count, _with_last(before.last, (each.label,), each.at.timestamp()))
    return msgspec.structs.replace(
        state,
        failures=fields["failure"],
        fault_codes=fields["fault_code"],
        maintenance=fields["maintenance_done"],
        recalled=True,
    )


def happen(occurrences: Occurrences, labels: tuple[str, ...], at: datetime) -> Occurrences:
    """One more occurrence."""
    return Occurrences(count=occurrences.count + 1, last=_with_last(occurrences.last, labels, at.timestamp()))


def _with_last(last: Lasts, labels: tuple[str, ...], seconds: float) -> Lasts:
    others = tuple(kept for kept in last if kept[0] != labels)
    before = max((when for kept, when in last if kept == labels), default=seconds)
    return (*others[1 - DISTINCT_LABELS :], (labels, max(before, seconds)))


def _identity(device_id: str, place: Place) -> DeviceLabels:
    return DeviceLabels(device_id, place.device_type or UNKNOWN, place.line or UNKNOWN)


def _advise(advice: Advice, active: frozenset[str]) -> Advice:
    if active == advice.active:
        return advice
    openings = dict(advice.openings)
    for code in sorted(active - advice.active):
        if (code,) in openings or len(openings) < len(CODES) + DISTINCT_LABELS:
            openings[code,] = openings.get((code,), 0.0) + 1.0
    ever = frozenset(code for (code,) in openings if code in advice.ever or code in active)
    return Advice(openings=tuple(openings.items()), active=active & ever, ever=ever)
