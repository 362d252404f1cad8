"""What is known of a device, and how each message changes it: pure folds over frozen values.

A message that was folded before, or that a newer one overtook, returns the very same state: at-least-once delivery
changes nothing.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from energytrack.catalogue import CODES
from energytrack.energy import Meter, advance_meter, start_meter
from energytrack.messages import (
    CommandResult,
    DeviceEvent,
    Failure,
    FaultCode,
    Insight,
    MaintenanceDone,
    Reading,
    State,
    StateChanged,
)
from energytrack.plant import Plant

UNKNOWN: Final = "unknown"
REMEMBERED_EVENTS: Final = 64
"""Event ids kept per device to tell a repeated event from a new one."""
DISTINCT_LABELS: Final = 16
"""Codes, modes and the like kept per device: the newest ones, so that no gateway can flood Prometheus with series."""
AHEAD: Final = timedelta(minutes=1)
STEP_BACK: Final = timedelta(minutes=5)


class Identity(Struct, frozen=True):
    """The labels of all series of a device."""

    device_id: str
    device_type: str
    line: str


class Occurrences(Struct, frozen=True):
    """How often something happened, and when last, told apart by labels."""

    count: int = 0
    last: tuple[tuple[tuple[str, ...], float], ...] = ()
    """Label values and seconds since the epoch, the newest kind last."""


class Advice(Struct, frozen=True):
    """The recommendations for a device."""

    openings: tuple[tuple[tuple[str, ...], float], ...] = tuple(((code,), 0.0) for code in CODES)
    """How often each was opened."""
    active: frozenset[str] = frozenset()
    ever: frozenset[str] = frozenset()
    """Those that were active at some time."""


class DeviceState(Struct, frozen=True):
    """Everything that the exporters say of one device."""

    identity: Identity
    home: tuple[str, int]
    """Topic and partition that its readings come from; those of its first message until there is a reading."""
    received_at: datetime
    """When the last new reading came in (or the first message), by our own clock."""
    reading: Reading | None = None
    meter: Meter | None = None
    state: State | None = None
    state_since: datetime | None = None
    """Timestamp of the message that `state` comes from."""
    insight: Insight | None = None
    advice: Advice | None = None
    failures: Occurrences = Occurrences()
    fault_codes: Occurrences = Occurrences()
    maintenance: Occurrences = Occurrences()
    commands: Occurrences = Occurrences()
    recent_events: tuple[str, ...] = ()


def unheard(device_id: str, home: tuple[str, int], *, now: datetime, plant: Plant) -> DeviceState:
    """The state of a device before its first message."""
    known = plant.device(device_id)
    kind, line = (known.device_type, known.line) if known else (UNKNOWN, UNKNOWN)
    return DeviceState(Identity(device_id, kind, line), home, now)


def fold_reading(
    state: DeviceState, reading: Reading, home: tuple[str, int], *, now: datetime, plant: Plant
) -> DeviceState:
    """The state after a reading that came in at `now` from its home partition."""
    at = reading.timestamp
    last = state.reading
    meter = state.meter
    if last is not None and at <= last.timestamp:
        if not is_news(last.timestamp, at, now):
            return state
        meter = _set_back(meter, at)
    identity = _identity(state.identity, reading)
    rating = plant.types.get(identity.device_type)
    return msgspec.structs.replace(
        state,
        identity=identity,
        home=home,
        received_at=now,
        reading=reading,
        meter=start_meter(reading, rating) if meter is None else advance_meter(meter, reading, rating),
        state=reading.state or state.state,
        state_since=at if reading.state else state.state_since,
    )


def fold_insight(state: DeviceState, insight: Insight, *, now: datetime) -> DeviceState:
    """The state after an insight. A recommendation opens where the insight before did not have it.

    Those of the very first insight count as open already: nobody knows whether they are new, and a counter that is
    born at one would not be seen to rise.
    """
    last = state.insight
    if last is not None and not is_news(last.timestamp, insight.timestamp, now):
        return state
    active = frozenset(recommendation.code for recommendation in insight.recommendations)
    if state.advice is None:
        advice = Advice(active=active & frozenset(CODES), ever=active & frozenset(CODES))
    else:
        advice = _advise(state.advice, active)
    return msgspec.structs.replace(state, insight=insight, advice=advice)


def fold_event(state: DeviceState, event: DeviceEvent) -> DeviceState:
    """The state after an event; unchanged where its id is among the device's recent ones."""
    if event.event_id in state.recent_events:
        return state
    recent = (*state.recent_events[1 - REMEMBERED_EVENTS :], event.event_id)
    state = msgspec.structs.replace(state, recent_events=recent)
    at = event.timestamp
    match event:
        case StateChanged():
            state = _in_state(state, event.state, at)
        case CommandResult():
            state = _in_state(state, event.state, at) if event.state else state
            commands = happen(state.commands, (event.action, event.outcome), at)
            state = msgspec.structs.replace(state, commands=commands)
        case FaultCode():
            state = msgspec.structs.replace(state, fault_codes=happen(state.fault_codes, (event.code,), at))
        case Failure():
            state = msgspec.structs.replace(state, failures=happen(state.failures, (event.mode,), at))
        case MaintenanceDone():
            state = msgspec.structs.replace(state, maintenance=happen(state.maintenance, (event.component,), at))
        case _:
            pass  # that maintenance started shows as the machine's state
    return state


def is_news(last: datetime, new: datetime, now: datetime) -> bool:
    """Whether a message comes after the last one, by its clock or because the last one's clock was set right since.

    Without the latter one timestamp hours ahead would freeze a machine on all panels until that hour.
    """
    return new > last or (last - now > AHEAD and last - new > STEP_BACK)


def happen(occurrences: Occurrences, labels: tuple[str, ...], at: datetime) -> Occurrences:
    """One more occurrence."""
    seconds = at.timestamp()
    others = tuple(kept for kept in occurrences.last if kept[0] != labels)
    before = max((when for kept, when in occurrences.last if kept == labels), default=seconds)
    return Occurrences(
        count=occurrences.count + 1,
        last=(*others[1 - DISTINCT_LABELS :], (labels, max(before, seconds))),
    )


def _identity(identity: Identity, reading: Reading) -> Identity:
    kind, line = reading.device_type or identity.device_type, reading.line or identity.line
    if kind == identity.device_type and line == identity.line:
        return identity
    return Identity(identity.device_id, kind, line)


def _set_back(meter: Meter | None, at: datetime) -> Meter | None:
    """The meter with its clock set right: what was used is known from the register, or not at all."""
    return None if meter is None else msgspec.structs.replace(meter, at=at.timestamp(), watts=None)


def _in_state(state: DeviceState, entered: State, at: datetime) -> DeviceState:
    if state.state_since is not None and at < state.state_since:
        return state
    return msgspec.structs.replace(state, state=entered, state_since=at)


def _advise(advice: Advice, active: frozenset[str]) -> Advice:
    if active == advice.active:
        return advice
    openings = dict(advice.openings)
    for code in sorted(active - advice.active):
        if (code,) in openings or len(openings) < len(CODES) + DISTINCT_LABELS:
            openings[code,] = openings.get((code,), 0.0) + 1.0
    ever = frozenset(code for (code,) in openings if code in advice.ever or code in active)
    return Advice(openings=tuple(openings.items()), active=active & ever, ever=ever)
