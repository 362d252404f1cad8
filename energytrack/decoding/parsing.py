"""From bytes to messages, as our own services send them.

`parse_*` raise `MalformedMessage`, whose reason is one of `REASONS` and whose detail names the field.
`energytrack.decoding` parses, or reports, everything else that machines and gateways send.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from energytrack.errors import ClockAhead, MalformedMessage
from energytrack.events import PARTS_KINDS, DeviceEvent, PartsFinished
from energytrack.fields import DEVICE_ID, EARLIEST, MAX_AHEAD, READING_AHEAD
from energytrack.messages import EMPTY, MAX_MESSAGE_BYTES, Command, Insight, Reading

NO_CORRECTIONS: Final[Mapping[str, Callable[[datetime, datetime], datetime]]] = MappingProxyType({})


def parse_reading(
    raw: bytes | None,
    now: datetime,
    *,
    ahead: timedelta = READING_AHEAD,
    corrections: Mapping[str, Callable[[datetime, datetime], datetime]] = NO_CORRECTIONS,
) -> Reading:
    """Parse bytes into a Reading; the error names the field.

    `corrections` adjust the clocks of the machines that they name. A reading that is still further ahead than `ahead`
    raises `ClockAhead`.
    """
    if raw is None or len(raw) > MAX_MESSAGE_BYTES:
        raw = with_content(raw)  # raises an error that says what is wrong
    try:
        reading = _READING.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        reading = _decoded(_READING, raw)  # likewise
    check_device_id(reading.device_id)
    timestamp = reading.timestamp
    if reading.device_id in corrections:
        timestamp = corrections[reading.device_id](_in_utc(timestamp, "timestamp"), now)
    if timestamp.tzinfo is UTC and EARLIEST <= timestamp <= now + ahead:
        return reading if timestamp is reading.timestamp else replace(reading, timestamp=timestamp)
    return replace(reading, timestamp=in_time(timestamp, reading.device_id, now, ahead))


@lru_cache(maxsize=100_000)
def check_device_id(device_id: str) -> None:
    """Raise MalformedMessage if a `FrequentDeviceId` does not have the form of a machine's id."""
    if not _DEVICE_ID.match(device_id):
        raise MalformedMessage("wrong_type", f"Expected `str` matching regex {DEVICE_ID!r} - at `$.device_id`")


def in_time(timestamp: datetime, device_id: str, now: datetime, ahead: timedelta) -> datetime:
    """A reading's timestamp in UTC, not too early, at most `ahead` of now; raises MalformedMessage, ClockAhead."""
    timestamp = _in_utc(timestamp, "timestamp")
    if timestamp > now + ahead:
        raise ClockAhead(device_id, (timestamp - now).total_seconds(), ahead.total_seconds())
    return timestamp


def parse_insight(raw: bytes | None, now: datetime) -> Insight:
    """Parse bytes into an Insight; the error names the field."""
    insight: Insight = _parse(_INSIGHT, raw, now, "timestamp", "scored_at")
    check_device_id(insight.device_id)
    return insight


def parse_event(
    raw: bytes | None,
    now: datetime,
    *,
    ahead: timedelta = READING_AHEAD,
    corrections: Mapping[str, Callable[[datetime, datetime], datetime]] = NO_CORRECTIONS,
) -> DeviceEvent:
    """Parse bytes into an event of one of the known kinds; the error names the field. `corrections` as above.

    Parts are counted by their time, so theirs may be no further ahead than a reading's; raises `ClockAhead`.
    """
    event: DeviceEvent = _parse(_EVENT, raw, now, "timestamp")
    timestamp = event.timestamp
    if event.device_id in corrections:
        timestamp = corrections[event.device_id](timestamp, now)
    if isinstance(event, PARTS_KINDS):
        timestamp = in_time(timestamp, event.device_id, now, ahead)
    return at_time(event, timestamp)


def at_time(event: DeviceEvent, timestamp: datetime) -> DeviceEvent:
    """The event with a corrected time; the beginning of its parts, if known, moves by as much."""
    if isinstance(event, PartsFinished) and event.since is not None:
        return replace(event, timestamp=timestamp, since=timestamp - (event.timestamp - event.since))
    return event if timestamp is event.timestamp else replace(event, timestamp=timestamp)


def parse_command(raw: bytes | None, now: datetime) -> Command:
    """Parse bytes into a Command; the error names the field."""
    command: Command = _parse(_COMMAND, raw, now, "requested_at", "expires_at")
    return command


_DEVICE_ID: Final = re.compile(DEVICE_ID)
_READING: Final = msgspec.json.Decoder(Reading)
_INSIGHT: Final = msgspec.json.Decoder(Insight)
_COMMAND: Final = msgspec.json.Decoder(Command)
_EVENT: Final[msgspec.json.Decoder[DeviceEvent]] = msgspec.json.Decoder(DeviceEvent)


def _parse(decoder: "msgspec.json.Decoder[Any]", raw: bytes | None, now: datetime, *times: str) -> Any:
    """Decode, and convert the fields `times` to UTC, within the calendar's range."""
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
    """A value that is not empty and not too large; raises MalformedMessage."""
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
        raise MalformedMessage("bad_timestamp", f"Expected a valid date and time - at `$.{field}`") from error
    if timestamp < EARLIEST:
        raise _bad_time(f"a time after {EARLIEST:%Y-%m-%d}", timestamp, field)
    return timestamp


def _bad_time(expected: str, timestamp: datetime, field: str) -> MalformedMessage:
    return MalformedMessage("bad_timestamp", f"Expected {expected}, got {timestamp.isoformat()} - at `$.{field}`")
