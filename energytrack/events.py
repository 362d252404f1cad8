"""The events on Kafka: what can happen to a machine, one class for each kind."""

from datetime import timedelta
from typing import Final, get_args

from msgspec import Struct

from energytrack.fields import Action, DeviceId, Name, Outcome, Pieces, Register, State, Text, Timestamp

LONGEST_LOT: Final = timedelta(hours=24)
"""Parts that took longer are reported by shift: their quarter hours could not be known."""


class Event(Struct, frozen=True, gc=False, tag_field="kind", kw_only=True):
    """Something that happened to a machine (topic `device-events`); each kind is a class of its own."""

    event_id: Name
    """Unique ID of the event: an event that arrives twice counts once."""
    device_id: DeviceId
    """The machine; also the key of the message."""
    timestamp: Timestamp
    """When it happened."""


class StateChanged(Event, frozen=True, gc=False, tag="state_changed", kw_only=True):
    """The machine's state changed."""

    state: State
    """The new state."""


class CommandResult(Event, frozen=True, gc=False, tag="command_result", kw_only=True):
    """The machine's answer to a command."""

    command_id: Name
    """The ID of the command."""
    action: Action
    """The commanded action."""
    outcome: Outcome
    """How it ended."""
    state: State | None = None
    """The machine's state after it."""
    detail: Text = ""
    """The machine's explanation, for example why it refused."""


class FaultCode(Event, frozen=True, gc=False, tag="fault_code", kw_only=True, omit_defaults=True):
    """A warning of the machine's own controller."""

    code: Name
    """The controller's own code."""
    component: Name | None = None
    """The component that it is about, if the controller says so."""


class Failure(Event, frozen=True, gc=False, tag="failure", kw_only=True, omit_defaults=True):
    """The machine failed."""

    mode: Name
    """What failed, or how; in the plant's own terms."""
    component: Name | None = None
    """The component that failed, if it is known."""


class MaintenanceStarted(Event, frozen=True, gc=False, tag="maintenance_started", kw_only=True):
    """Maintenance of the machine began."""

    component: Name
    """The component."""


class MaintenanceDone(Event, frozen=True, gc=False, tag="maintenance_done", kw_only=True):
    """A component was repaired or replaced."""

    component: Name
    """The component that is as good as new."""


class MeterExchanged(Event, frozen=True, gc=False, tag="meter_exchanged", kw_only=True):
    """The register continues from another value: the meter was exchanged or reset, or rolled over."""

    reason: Name
    """Which of these; [How energy is counted](how-energy-is-counted.md) explains each."""
    before_kwh: Register | None = None
    """The last accepted register before the change."""
    after_kwh: Register | None = None
    """The first register after the change."""
    detail: Text = ""
    """An explanation, and what to do."""


class MeterSuspect(Event, frozen=True, gc=False, tag="meter_suspect", kw_only=True):
    """A value of the meter or of the current that cannot be right; the same reason is reported once an hour."""

    reason: Name
    """The suspected cause; [How energy is counted](how-energy-is-counted.md) explains each."""
    before_kwh: Register | None = None
    """The last accepted register."""
    after_kwh: Register | None = None
    """The register that does not fit."""
    detail: Text = ""
    """An explanation, and what to do."""


class MachineRetired(Event, frozen=True, gc=False, tag="machine_retired", kw_only=True):
    """Somebody took the machine out of the fleet (retired, renamed or removed it); it returns when it sends again."""

    by: Text = ""
    """Who did it."""
    reason: Text = ""
    """Why, in that person's words."""


class PartsFinished(Event, frozen=True, gc=False, tag="parts_finished", kw_only=True, omit_defaults=True):
    """Parts were finished: one, or the lot that a manufacturing execution system reports."""

    parts: Pieces = 1.0
    """How many, good or not; 0 means that none was finished."""
    scrap: Pieces | None = None
    """The rejected ones among them; 0 if there are none, null if nobody knows."""
    since: Timestamp | None = None
    """When work on them began, at most 24 hours before `timestamp`: they are spread evenly over this time. Without it,
    they belong to the quarter hour of `timestamp`.
    """

    def __post_init__(self) -> None:
        """Raises ValueError for a `since` that is not in the 24 hours before `timestamp`."""
        if self.since is not None and not timedelta(0) <= self.timestamp - self.since <= LONGEST_LOT:
            raise ValueError(
                f"Expected `since` in the 24 h before `timestamp`, got {self.since.isoformat()}: report longer work "
                "in several events"
            )


class PartsCorrected(Event, frozen=True, gc=False, tag="parts_corrected", kw_only=True, omit_defaults=True):
    """A correction of what an event `parts_finished` reported; of several, the latest `timestamp` counts."""

    corrects: Name
    """The `event_id` of that event."""
    parts: Pieces
    """How many parts it was really; 0 if it was none."""
    scrap: Pieces | None = None
    """The rejected ones among them; null if nobody knows."""


DeviceEvent = (
    StateChanged
    | CommandResult
    | FaultCode
    | Failure
    | MaintenanceStarted
    | MaintenanceDone
    | MeterExchanged
    | MeterSuspect
    | MachineRetired
    | PartsFinished
    | PartsCorrected
)
EVENT_KINDS: Final = tuple(str(kind.__struct_config__.tag) for kind in get_args(DeviceEvent))
"""The values of an event's `kind`."""
PARTS_KINDS: Final = (PartsFinished, PartsCorrected)
"""Events that are as many as parts: they are stored separately, and only as long as they are needed."""
