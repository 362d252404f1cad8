"""The messages on Kafka: what each kind holds.

JSON in UTF-8, parsed once, at the edge, into frozen values (`energytrack.decoding`). Unknown fields are
ignored, missing optional ones mean "not known".
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta, Struct

MAX_MESSAGE_BYTES: Final = 1_000_000
MAX_AHEAD: Final = timedelta(hours=24)
"""A timestamp further ahead of our clock comes from a wrong clock; an order valid for longer than this is a mistake."""
READING_AHEAD: Final = timedelta(minutes=5)
"""Default limit for a machine's clock that is ahead of ours; plant.toml can change it. Later readings are refused."""
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A timestamp before this one comes from a clock that was never set."""

REASONS: Final = ("not_json", "wrong_type", "missing_field", "bad_timestamp", "clock_ahead", "too_large", "no_machine")
EMPTY: Final = "empty"
"""The reason of a message without a value: it tells nothing, is counted, and is passed over."""

DEVICE_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]*\Z"
DeviceId = Annotated[str, Meta(min_length=1, max_length=64, pattern=DEVICE_ID)]
FrequentDeviceId = Annotated[str, Meta(min_length=1, max_length=64, extra_json_schema={"pattern": DEVICE_ID})]
"""A DeviceId of the many messages, whose form `energytrack.decoding` checks once for each machine. msgspec would
evaluate the expression for each message, which takes as long as decoding the rest of a reading.
"""
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=500)]
SignalName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z_][A-Za-z0-9_ -]*\Z")]
"""Used as a field name in the database and as a feature name in a model."""
Timestamp = Annotated[datetime, Meta(tz=True)]
SignalValue = Annotated[float, Meta(ge=-1e12, le=1e12)]
Celsius = Annotated[float, Meta(ge=-273.15, le=2500)]
"""From absolute zero to what thermocouples can measure."""
Bar = Annotated[float, Meta(ge=-5, le=10_000)]
"""Above atmospheric pressure, so that a vacuum is -1, and less for a gauge with an offset; waterjets have 6000."""
Amperes = Annotated[float, Meta(ge=-200_000, le=200_000)]
"""Negative where a transformer is reversed, which the meter names; arc furnaces have 100,000."""
Signature = Annotated[str, Meta(max_length=128)]
Register = Annotated[float, Meta(ge=0, le=1e12)]
Counter = Annotated[float, Meta(ge=0, le=1e12)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Hours = Annotated[float, Meta(ge=0, le=1e6)]
Amount = Annotated[float, Meta(ge=0, le=1e12)]
Pieces = Annotated[float, Meta(ge=0, le=1e7)]
"""Parts of one event: no machine makes more in a day."""
LONGEST_LOT: Final = timedelta(hours=24)
"""Parts that took longer are told shift by shift: nobody could say in which quarter hours they were made."""

State = Literal["running", "idle", "stopped", "failed", "maintenance"]
Action = Literal["restart", "shutdown"]
Outcome = Literal["done", "refused", "failed", "expired"]
StopTime = Literal["now", "break", "shift_end", "after_work", "maintenance", "part", "run_on"]
STATES: Final[tuple[State, ...]] = ("running", "idle", "stopped", "failed", "maintenance")
ACTIONS: Final[tuple[Action, ...]] = ("restart", "shutdown")
OUTCOMES: Final[tuple[Outcome, ...]] = ("done", "refused", "failed", "expired")
STOP_TIMES: Final[tuple[StopTime, ...]] = (
    "now", "break", "shift_end", "after_work", "maintenance", "part", "run_on",
)  # fmt: skip


class Reading(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a machine's sensors measured at one instant (topic `factory-sensor-data`)."""

    device_id: FrequentDeviceId
    """Permanent ID of the machine; also the key of the message."""
    timestamp: Timestamp
    """When the values were measured."""
    temperature: Celsius | None
    """Degrees Celsius; null while the sensor is lost."""
    pressure: Bar | None
    """Bar; null while the sensor is lost."""
    current: Amperes | None
    """Amperes, RMS per phase; null while the sensor is lost."""
    device_type: Name | None = None
    """A device type of plant.toml. For a machine listed in plant.toml, the type in plant.toml applies."""
    line: Name | None = None
    """A line of plant.toml; likewise."""
    energy_kwh: Register | None = None
    """The meter's cumulative register, if there is a meter."""
    state: State | None = None
    """The state of the machine. Without it, idle energy is estimated from the current."""
    signals: Annotated[dict[SignalName, SignalValue | None], Meta(max_length=32)] = {}
    """Additional signals of this machine by name (for example a vibration sensor), in units that the plant chooses."""
    parts: Counter | None = None
    """The machine's cumulative counter of parts produced, good or not; one that falls began anew."""
    scrap: Counter | None = None
    """The machine's cumulative counter of the rejected ones among the parts."""


class Factor(Struct, frozen=True, gc=False):
    """A feature's contribution to a failure probability, including that of features with the same meaning."""

    feature: Name
    """Name of the feature in the model."""
    contribution: Annotated[float, Meta(ge=-1e6, le=1e6)]
    """Contribution to the probability (0 to 1); negative if it lowers the probability."""
    text: Text = ""
    """The same in words for a technician."""

    @property
    def words(self) -> str:
        """What people read, also of a model that sends no text."""
        return self.text or self.feature.replace("_", " ")


class Recommendation(Struct, frozen=True, gc=False):
    """Advice about a machine: a code of the catalogue and its sentence."""

    code: Name
    """Code, for programs and metrics; the catalogue is energytrack/catalogue.py."""
    text: Text
    """Sentence, for people."""


class LikelyMode(Struct, frozen=True, gc=False):
    """A failure mode that a machine at risk may be heading for."""

    mode: Name
    """The mode, in the plant's own terms; `other` for all that are rare."""
    share: Probability
    """How likely this mode is if the machine fails."""


class RemainingLife(Struct, frozen=True, gc=False):
    """How long a machine has until it fails: eight of ten machines in such a state kept to this interval."""

    at_least_hours: Hours
    """It begins here."""
    at_most_hours: Hours | None = None
    """It ends here; null if the end lies beyond what the record reaches."""


class LikelyComponent(Struct, frozen=True, gc=False):
    """A component that may be what fails in a machine at risk."""

    component: Name
    """The component, in the plant's own terms; `other` for all that are rare."""
    share: Probability
    """How likely this component is if the machine fails."""


class StopOption(Struct, frozen=True, gc=False):
    """A time to stop a machine at risk, and what it may be expected to cost, failures before it included."""

    when: StopTime
    """`now`, in the next `break`, at the `shift_end`, `after_work` (nobody works), in the next planned `maintenance`,
    when the spare `part` arrives, or not at all (`run_on`).
    """
    expected_cost: Amount
    """In the currency of the tariff."""
    at: Timestamp | None = None
    """When that is; null for `run_on`."""


class Insight(Struct, frozen=True, gc=False):
    """The result of the model and the rules for one reading (topic `ml-insights`)."""

    device_id: FrequentDeviceId
    """The machine; also the key of the message."""
    timestamp: Timestamp
    """The timestamp of the scored reading."""
    failure_probability: Probability | None
    """Probability of a failure within the model's horizon; null while the machine has too little history."""
    prediction: Literal[0, 1] | None
    """1 if the probability is at or above the model's threshold, else 0; null if the probability is null."""
    model_version: Name
    """Version of the model, as in its card."""
    scored_at: Timestamp
    """When the reading was scored."""
    top_factors: Annotated[tuple[Factor, ...], Meta(max_length=32)] = ()
    """If the probability is at or above the threshold: the factors that raised it most, the strongest first."""
    recommendations: Annotated[tuple[Recommendation, ...], Meta(max_length=32)] = ()
    """The recommendations that are currently open for this machine."""
    novelty: Probability | None = None
    """How unlike normal operation the machine is, whatever failures are on record: from 0.5 on as one sound machine in
    fifty. Null while its usual range is not known, and if the model does not tell.
    """
    likeness: Text = ""
    """If the probability is at or above the threshold: what the machine's state resembles, as a sentence."""
    likely_modes: Annotated[tuple[LikelyMode, ...], Meta(max_length=8)] = ()
    """If the probability is at or above the threshold: the most likely failure modes, the likeliest first."""
    remaining_life: RemainingLife | None = None
    """How long the machine has left; null while it has too little history, and if too few failures are on record."""
    likely_components: Annotated[tuple[LikelyComponent, ...], Meta(max_length=8)] = ()
    """If the probability is at or above the threshold: the components that are likely to fail, the likeliest first.
    Empty if the failures on record do not tell them.
    """
    stop_options: Annotated[tuple[StopOption, ...], Meta(max_length=8)] = ()
    """While the machine is at risk: when to stop it, the cheapest time first. Empty if its remaining life is not known,
    or plant.toml does not say what a failure and a planned stop cost.
    """


class Command(Struct, frozen=True, gc=False, omit_defaults=True):
    """A command to a machine (topic `device-commands`)."""

    command_id: Name
    """Unique ID of the order; the answer carries it too. A command that arrives twice is executed once."""
    device_id: DeviceId
    """The machine; also the key of the message."""
    action: Action
    """`shutdown` takes the machine to standby, `restart` starts it up."""
    requested_by: Text
    """Who ordered it, and how they signed in: `grafana:maria`."""
    reason: Text
    """The reason, in that person's words."""
    requested_at: Timestamp
    """When the order was given."""
    expires_at: Timestamp
    """A machine that receives the command later answers `expired` and does nothing."""
    signature: Signature | None = None
    """The control API's Ed25519 signature; [Signed commands](signed-commands.md) explains how to verify it."""


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
    """Somebody took the machine out of the fleet (retired, renamed or removed it); it is back when it sends again."""

    by: Text = ""
    """Who did it."""
    reason: Text = ""
    """Why, in that person's words."""


class PartsFinished(Event, frozen=True, gc=False, tag="parts_finished", kw_only=True, omit_defaults=True):
    """Parts were finished: one, or the lot that a manufacturing execution system reports."""

    parts: Pieces = 1.0
    """How many, good or not; 0 tells that none was."""
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
    """Somebody corrected what an event `parts_finished` told; of several corrections, the latest `timestamp` counts."""

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
"""Events of which there are as many as parts: they are stored by themselves, and no longer than they are needed."""
Message = Reading | Insight | Command | DeviceEvent

_encoder = msgspec.json.Encoder()
encode: Final[Callable[[Message], bytes]] = _encoder.encode
"""A message in its serialised form: JSON, UTF-8."""
