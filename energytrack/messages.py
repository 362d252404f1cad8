"""The messages on Kafka: what each kind holds, and how bytes become one of them.

JSON in UTF-8, parsed once, at the edge, into frozen values. Unknown fields are ignored, missing optional ones mean
"not known". `parse_*` raise `MalformedMessage`, whose reason is one of `REASONS` and whose detail names the field. They
know messages as our own services send them; whatever else machines and gateways send is understood, or named, by
`energytrack.decoding`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from energytrack.errors import ClockAhead, MalformedMessage

MAX_MESSAGE_BYTES: Final = 1_000_000
MAX_AHEAD: Final = timedelta(hours=24)
"""A timestamp further ahead of our clock comes from one that is wrong; an order that holds longer is a mistake."""
READING_AHEAD: Final = timedelta(minutes=5)
"""So far ahead of ours a machine's clock may be, where plant.toml says nothing else; a reading beyond it is refused."""
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""A timestamp before this one comes from a clock that was never set."""

REASONS: Final = ("not_json", "wrong_type", "missing_field", "bad_timestamp", "clock_ahead", "too_large")
EMPTY: Final = "empty"
"""The reason of a message without a value: it tells nothing, is counted, and is passed over."""

DeviceId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=500)]
SignalName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z_][A-Za-z0-9_ -]*\Z")]
"""It becomes a field's name in the database and a feature's name in a model."""
Timestamp = Annotated[datetime, Meta(tz=True)]
SignalValue = Annotated[float, Meta(ge=-1e6, le=1e6)]
Celsius = Annotated[float, Meta(ge=-273.15, le=2500)]
"""From absolute zero to what thermocouples can measure."""
Bar = Annotated[float, Meta(ge=-1.1, le=10_000)]
"""Over the air's pressure, so that a vacuum is -1; waterjets have 6000."""
Amperes = Annotated[float, Meta(ge=-200_000, le=200_000)]
"""Negative where a transformer is reversed, which the meter names; arc furnaces have 100,000."""
Signature = Annotated[str, Meta(max_length=128)]
Register = Annotated[float, Meta(ge=0, le=1e12)]
Probability = Annotated[float, Meta(ge=0, le=1)]

State = Literal["running", "idle", "stopped", "failed", "maintenance"]
Action = Literal["restart", "shutdown"]
Outcome = Literal["done", "refused", "failed", "expired"]
STATES: Final[tuple[State, ...]] = ("running", "idle", "stopped", "failed", "maintenance")
ACTIONS: Final[tuple[Action, ...]] = ("restart", "shutdown")
OUTCOMES: Final[tuple[Outcome, ...]] = ("done", "refused", "failed", "expired")


class Reading(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a machine's sensors said at one instant (topic `factory-sensor-data`)."""

    device_id: DeviceId
    """The machine, by a name that it keeps; also the key of the message."""
    timestamp: Timestamp
    """When the sensors were read."""
    temperature: Celsius | None
    """Degrees Celsius; null where the sensor is lost."""
    pressure: Bar | None
    """Bar; null where the sensor is lost."""
    current: Amperes | None
    """Amperes, RMS per phase; null where the sensor is lost."""
    device_type: Name | None = None
    """A type of plant.toml. A machine that plant.toml lists has the type that stands there."""
    line: Name | None = None
    """A line of plant.toml, likewise."""
    energy_kwh: Register | None = None
    """The meter's cumulative register, where there is a meter."""
    state: State | None = None
    """What the machine is doing; where nobody says so, idle energy cannot be told from useful energy."""
    signals: Annotated[dict[SignalName, SignalValue | None], Meta(max_length=32)] = {}
    """Further signals of this machine by name (a vibration sensor, say), in the units that the plant uses."""


class Factor(Struct, frozen=True, gc=False):
    """One feature's share in a failure probability, with that of others which say the same."""

    feature: Name
    """Its name among the model's features."""
    contribution: Annotated[float, Meta(ge=-1e6, le=1e6)]
    """What it adds to the probability (0 to 1), negative where it lowers it."""
    text: Text = ""
    """The same in words that a technician understands."""


class Recommendation(Struct, frozen=True, gc=False):
    """What the plant should do about a machine: a code of the catalogue and its sentence."""

    code: Name
    """What it is, for machines and for metrics; the catalogue is energytrack/catalogue.py."""
    text: Text
    """What it says, for people."""


class Insight(Struct, frozen=True, gc=False):
    """What the model makes of a machine at one reading (topic `ml-insights`)."""

    device_id: DeviceId
    """The machine; also the key of the message."""
    timestamp: Timestamp
    """The timestamp of the reading that was scored."""
    failure_probability: Probability | None
    """Probability of a failure within the model's horizon; null while the machine has too little history."""
    prediction: Literal[0, 1] | None
    """1 where the probability is at or above the model's threshold; null like the probability."""
    model_version: Name
    """The model that said so, as its card names it."""
    scored_at: Timestamp
    """When it said so."""
    top_factors: Annotated[tuple[Factor, ...], Meta(max_length=32)] = ()
    """Where the probability is at or above the threshold: what raised it most, the strongest first."""
    recommendations: Annotated[tuple[Recommendation, ...], Meta(max_length=32)] = ()
    """The recommendations that are open for this machine now."""


class Command(Struct, frozen=True, gc=False, omit_defaults=True):
    """An order to a machine (topic `device-commands`)."""

    command_id: Name
    """The order, by a name that its answer carries too: the same order twice is done once."""
    device_id: DeviceId
    """The machine; also the key of the message."""
    action: Action
    """What it shall do: `shutdown` runs it down to standby, `restart` runs it up."""
    requested_by: Text
    """Who wants it, and by which way: `grafana:maria`."""
    reason: Text
    """Why, in that person's words."""
    requested_at: Timestamp
    """When the person asked."""
    expires_at: Timestamp
    """A machine that hears of it later answers `expired` and does nothing."""
    signature: Signature | None = None
    """The control API's Ed25519 signature; how to check it is on the page [Signed commands](signed-commands.md)."""


class Event(Struct, frozen=True, gc=False, tag_field="kind", kw_only=True):
    """Something that happened to a machine (topic `device-events`); each kind is a class of its own."""

    event_id: Name
    """The event, by a name of its own: the same event twice counts once."""
    device_id: DeviceId
    """The machine; also the key of the message."""
    timestamp: Timestamp
    """When it happened."""


class StateChanged(Event, frozen=True, gc=False, tag="state_changed", kw_only=True):
    """The machine went into another state."""

    state: State
    """The new one."""


class CommandResult(Event, frozen=True, gc=False, tag="command_result", kw_only=True):
    """What the machine made of an order."""

    command_id: Name
    """The order that it answers."""
    action: Action
    """What was ordered."""
    outcome: Outcome
    """What came of it."""
    state: State | None = None
    """What the machine does now."""
    detail: Text = ""
    """The machine's own words: why it refused, say."""


class FaultCode(Event, frozen=True, gc=False, tag="fault_code", kw_only=True):
    """A warning of the machine's own controller."""

    code: Name
    """As the controller names it."""


class Failure(Event, frozen=True, gc=False, tag="failure", kw_only=True):
    """The machine failed and tripped."""

    mode: Name
    """What broke, or how; the plant's own words."""


class MaintenanceStarted(Event, frozen=True, gc=False, tag="maintenance_started", kw_only=True):
    """People began to work on the machine."""

    component: Name
    """What they work on."""


class MaintenanceDone(Event, frozen=True, gc=False, tag="maintenance_done", kw_only=True):
    """A component was repaired or replaced."""

    component: Name
    """What is as new again."""


class MeterExchanged(Event, frozen=True, gc=False, tag="meter_exchanged", kw_only=True):
    """The register goes on from another value: the meter was exchanged or reset, or ran over its last digit."""

    reason: Name
    """Which of these; the words are on the page [How energy is counted](how-energy-is-counted.md)."""
    before_kwh: Register | None = None
    """The register that was believed before."""
    after_kwh: Register | None = None
    """The first register after it."""
    detail: Text = ""
    """What it looks like, and the step that mends it."""


class MeterSuspect(Event, frozen=True, gc=False, tag="meter_suspect", kw_only=True):
    """What the meter or the current says cannot be right; the same reason is told once an hour."""

    reason: Name
    """What it looks like; the words are on the page [How energy is counted](how-energy-is-counted.md)."""
    before_kwh: Register | None = None
    """The register that is believed, or was until now."""
    after_kwh: Register | None = None
    """The register that does not fit."""
    detail: Text = ""
    """What it looks like, and the step that mends it."""


class MachineRetired(Event, frozen=True, gc=False, tag="machine_retired", kw_only=True):
    """Somebody took the machine out of the fleet (retired, renamed or removed it); it is back when it sends again."""

    by: Text = ""
    """Who did it."""
    reason: Text = ""
    """Why, in that person's words."""


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
)
EVENT_KINDS: Final = tuple(str(kind.__struct_config__.tag) for kind in get_args(DeviceEvent))
"""What an event's `kind` may say."""
Message = Reading | Insight | Command | DeviceEvent


NO_CORRECTIONS: Final[Mapping[str, Callable[[datetime, datetime], datetime]]] = MappingProxyType({})


def parse_reading(
    raw: bytes | None,
    now: datetime,
    *,
    ahead: timedelta = READING_AHEAD,
    corrections: Mapping[str, Callable[[datetime, datetime], datetime]] = NO_CORRECTIONS,
) -> Reading:
    """Turn bytes into a Reading, or say which field is wrong.

    `corrections` set right the clocks of the machines that they name. A reading that is still further than `ahead`
    raises `ClockAhead`.
    """
    reading: Reading = _decoded(_READING, raw)
    timestamp = reading.timestamp
    if reading.device_id in corrections:
        timestamp = corrections[reading.device_id](_in_utc(timestamp, "timestamp"), now)
    if timestamp.tzinfo is UTC and EARLIEST <= timestamp <= now + ahead:
        return reading if timestamp is reading.timestamp else replace(reading, timestamp=timestamp)
    return replace(reading, timestamp=in_time(timestamp, reading.device_id, now, ahead))


def in_time(timestamp: datetime, device_id: str, now: datetime, ahead: timedelta) -> datetime:
    """A reading's timestamp in UTC, between the earliest and `ahead` of now; raises MalformedMessage, ClockAhead."""
    timestamp = _in_utc(timestamp, "timestamp")
    if timestamp > now + ahead:
        raise ClockAhead(device_id, (timestamp - now).total_seconds(), ahead.total_seconds())
    return timestamp


def parse_insight(raw: bytes | None, now: datetime) -> Insight:
    """Turn bytes into an Insight, or say which field is wrong."""
    insight: Insight = _parse(_INSIGHT, raw, now, "timestamp", "scored_at")
    return insight


def parse_event(
    raw: bytes | None,
    now: datetime,
    *,
    corrections: Mapping[str, Callable[[datetime, datetime], datetime]] = NO_CORRECTIONS,
) -> DeviceEvent:
    """Turn bytes into an event of one of the known kinds, or say which field is wrong; `corrections` as above."""
    event: DeviceEvent = _parse(_EVENT, raw, now, "timestamp")
    if event.device_id not in corrections:
        return event
    return replace(event, timestamp=corrections[event.device_id](event.timestamp, now))


def parse_command(raw: bytes | None, now: datetime) -> Command:
    """Turn bytes into a Command, or say which field is wrong."""
    command: Command = _parse(_COMMAND, raw, now, "requested_at", "expires_at")
    return command


_encoder = msgspec.json.Encoder()
encode: Final[Callable[[Message], bytes]] = _encoder.encode
"""A message as it travels: JSON, UTF-8."""


_READING: Final = msgspec.json.Decoder(Reading)
_INSIGHT: Final = msgspec.json.Decoder(Insight)
_COMMAND: Final = msgspec.json.Decoder(Command)
_EVENT: Final[msgspec.json.Decoder[DeviceEvent]] = msgspec.json.Decoder(DeviceEvent)


def _parse(decoder: "msgspec.json.Decoder[Any]", raw: bytes | None, now: datetime, *times: str) -> Any:
    """Decode, and have the fields `times` in UTC and in a time that a clock can show."""
    message = _decoded(decoder, raw)
    latest = now + MAX_AHEAD
    for field in times:
        timestamp = getattr(message, field)
        if timestamp.tzinfo is not UTC or not EARLIEST <= timestamp <= latest:
            timestamp = _in_utc(timestamp, field)
            if timestamp > latest:
                raise _bad_time("at most 24 h ahead of now", timestamp, field)
            message = replace(message, **{field: timestamp})
    return message


def _decoded(decoder: "msgspec.json.Decoder[Any]", raw: bytes | None) -> Any:
    raw = with_content(raw)
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise MalformedMessage(_reason(str(error)), str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedMessage("not_json", str(error) or type(error).__name__) from error


def with_content(raw: bytes | None) -> bytes:
    """A value that holds something and is not too large; raises MalformedMessage."""
    if raw is None or not raw or raw.isspace():
        raise MalformedMessage(EMPTY, "the message has no value")
    if len(raw) > MAX_MESSAGE_BYTES:
        raise MalformedMessage(
            "too_large",
            f"Expected at most {MAX_MESSAGE_BYTES} bytes, got {len(raw)}: send fewer readings in one message",
        )
    return raw


def _reason(sentence: str) -> str:
    if "missing required field" in sentence:
        return "missing_field"
    return "bad_timestamp" if "datetime" in sentence or "timezone" in sentence else "wrong_type"


def _in_utc(timestamp: datetime, field: str) -> datetime:
    try:
        timestamp = timestamp.astimezone(UTC)
    except OverflowError as error:
        raise MalformedMessage("bad_timestamp", f"Expected a time of the calendar - at `$.{field}`") from error
    if timestamp < EARLIEST:
        raise _bad_time(f"a time after {EARLIEST:%Y-%m-%d}", timestamp, field)
    return timestamp


def _bad_time(expected: str, timestamp: datetime, field: str) -> MalformedMessage:
    return MalformedMessage("bad_timestamp", f"Expected {expected}, got {timestamp.isoformat()} - at `$.{field}`")
