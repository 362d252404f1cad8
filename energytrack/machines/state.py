"""A machine's latest state: one fold for exporters, historian, live page and control API. Pure.

A repeated or outdated message returns the identical object: at-least-once delivery changes nothing, and `after is
before` shows that nothing is new.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from energytrack.events import CommandResult, StateChanged
from energytrack.fields import State
from energytrack.messages import Insight, Message, Reading

AHEAD: Final = timedelta(minutes=1)
"""A timestamp further ahead of our clock than this comes from a wrong clock."""


class WrongClock(Struct, frozen=True):
    """A reading that was refused because the machine's clock is ahead."""

    timestamp: datetime
    """When it was refused, by our clock."""
    ahead_seconds: float


class MachineState(Struct, frozen=True):
    """What is currently known about a machine; each part has its own timestamp, and None means unknown."""

    device_id: str
    device_type: str | None = None
    """As reported in its messages; `Plant.place` has priority."""
    line: str | None = None
    reading: Reading | None = None
    insight: Insight | None = None
    change: StateChanged | None = None
    """The last change of state that was reported as an event."""
    clock: WrongClock | None = None
    """The last reading that was refused because the machine's clock is ahead."""

    @property
    def state(self) -> State | None:
        """The state according to the newer one of reading and change of state."""
        message = self._state_source()
        return None if message is None else message.state

    @property
    def state_at(self) -> datetime | None:
        """Timestamp of the message that `state` comes from."""
        message = self._state_source()
        return None if message is None else message.timestamp

    def _state_source(self) -> Reading | StateChanged | None:
        reading, change = self.reading, self.change
        if reading is None or reading.state is None:
            return change
        return reading if change is None or change.timestamp <= reading.timestamp else change


def with_message(state: MachineState, message: Message, now: datetime) -> MachineState:
    """The state after a message that arrived at `now`; the identical object if the message is not news."""
    match message:
        case Reading():
            return with_reading(state, message, now)
        case Insight():
            return with_insight(state, message, now)
        case StateChanged():
            return _with_change(state, message, now)
        case CommandResult() if message.state is not None:
            entered = StateChanged(
                event_id=message.event_id,
                device_id=message.device_id,
                timestamp=message.timestamp,
                state=message.state,
            )
            return _with_change(state, entered, now)
    return state


def with_reading(state: MachineState, reading: Reading, now: datetime) -> MachineState:
    """The state after a reading."""
    before = state.reading
    if before is not None and not is_news(before.timestamp, reading.timestamp, now):
        return state
    change = state.change
    if change is not None and is_ahead(change.timestamp, now) and not is_ahead(reading.timestamp, now):
        change = None  # from a wrong clock: it would hide the machine's state until that time
    return replace(
        state,
        reading=reading,
        change=change,
        device_type=reading.device_type or state.device_type,
        line=reading.line or state.line,
    )


def with_insight(state: MachineState, insight: Insight, now: datetime) -> MachineState:
    """The state after an insight."""
    before = state.insight
    if before is not None and not is_news(before.timestamp, insight.timestamp, now):
        return state
    return replace(state, insight=insight)


def _with_change(state: MachineState, change: StateChanged, now: datetime) -> MachineState:
    before = state.change
    if before is not None and not is_news(before.timestamp, change.timestamp, now):
        return state
    return replace(state, change=change)


def is_ahead(timestamp: datetime, now: datetime) -> bool:
    """Whether a timestamp comes from a clock that is ahead of ours."""
    return timestamp - now > AHEAD


def is_news(last: datetime, new: datetime, now: datetime) -> bool:
    """Whether a message comes after the previous one: by its timestamp, or because the previous clock was wrong.

    Without the second rule, one timestamp hours ahead would freeze a machine everywhere until that time.
    """
    return new > last or (is_ahead(last, now) and not is_ahead(new, now))
