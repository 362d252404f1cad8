"""Whatever comes, it is a message or it is malformed; and what we send, we understand."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energytrack.decoding.decoded import Decoded, Parser
from energytrack.decoding.decoder import ReadingDecoder
from energytrack.decoding.values import LIMITS
from energytrack.errors import MalformedMessage
from energytrack.fields import EARLIEST
from energytrack.messages import EMPTY, REASONS, Message, Reading, encode
from energytrack.topics import COMMANDS, EVENTS, INSIGHTS, PARSERS, READINGS
from testkit.builders.messages import NOW, a_command, a_reading, an_event, an_insight
from testkit.dates import DAY

ALL = tuple(PARSERS.items())
EVENT_KINDS = ("state_changed", "command_result", "fault_code", "failure", "maintenance_started", "maintenance_done",
               "meter_exchanged", "meter_suspect", "machine_retired", "parts_finished", "parts_corrected")  # fmt: skip

names = st.text(min_size=1, max_size=64)
signal_names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_ -]{0,31}", fullmatch=True)
device_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
times = st.datetimes(
    min_value=EARLIEST.replace(tzinfo=None), max_value=NOW.replace(tzinfo=None), timezones=st.just(UTC)
)
values = st.none() | st.floats(-1e12, 1e12)
celsius, bar, amperes = (st.none() | st.floats(*LIMITS[name][:2]) for name in ("temperature", "pressure", "current"))
readings = st.builds(
    a_reading,
    device_ids,
    timestamp=times,
    temperature=celsius,
    pressure=bar,
    current=amperes,
    energy_kwh=st.none() | st.floats(0, 1e12),
    state=st.sampled_from([None, "running", "idle", "stopped", "failed", "maintenance"]),
    line=st.none() | names,
    signals=st.dictionaries(signal_names, values, max_size=5),
)
insights = st.builds(
    an_insight,
    device_ids,
    timestamp=times,
    scored_at=times,
    failure_probability=st.none() | st.floats(0, 1),
    prediction=st.sampled_from([None, 0, 1]),
)
events = st.builds(an_event, st.sampled_from(EVENT_KINDS), device_ids, timestamp=times)
commands = st.builds(a_command, device_ids, requested_at=times, expires_at=times, reason=st.text(max_size=500))
MESSAGES: dict[str, st.SearchStrategy[Message]] = {
    READINGS: readings,
    INSIGHTS: insights,
    EVENTS: events,
    COMMANDS: commands,
}


def parse_or_reject(parse: Parser, raw: bytes | None) -> Message | Decoded | None:
    """The message, or None for one that was rejected in order."""
    try:
        return parse(raw, NOW)
    except MalformedMessage as caught:
        malformed = caught
    assert malformed.reason in {*REASONS, EMPTY}
    assert malformed.detail
    return None


@pytest.mark.parametrize(("topic", "parse"), ALL)
@given(raw=st.none() | st.binary(max_size=300))
def test_any_bytes_parse_or_are_malformed(topic: str, parse: Parser, raw: bytes | None) -> None:
    """No bytes end a consumer."""
    parse_or_reject(parse, raw)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
odd_times = st.sampled_from(
    [
        "",
        "now",
        f"{DAY}T10:00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        f"{DAY.year}-02-30T00:00:00Z",
    ]
) | st.datetimes(timezones=st.timezones()).map(datetime.isoformat)


@pytest.mark.parametrize(("topic", "parse"), ALL)
@given(data=st.data())
def test_a_message_with_any_field_changed_parses_or_is_malformed(
    topic: str, parse: Parser, data: st.DataObject
) -> None:
    """Wrong types, absurd times, NaN, huge numbers, missing fields: all are rejections, none is a crash."""
    fields = json.loads(encode(data.draw(MESSAGES[topic])))
    field = data.draw(st.sampled_from(sorted(fields)))
    if data.draw(st.booleans()):
        fields[field] = data.draw(json_values | odd_times)
    else:
        del fields[field]
    message = parse_or_reject(parse, json.dumps(fields).encode("utf-8", errors="surrogatepass"))
    if message is not None:
        assert not isinstance(message, Decoded)
        assert parse(encode(message), NOW) == message


@pytest.mark.parametrize("topic", PARSERS)
@given(data=st.data())
def test_what_is_sent_is_understood(topic: str, data: st.DataObject) -> None:
    """Encoding and parsing give the same message back."""
    message = data.draw(MESSAGES[topic])
    assert PARSERS[topic](encode(message), NOW) == message


@pytest.mark.parametrize("topic", PARSERS)
@given(data=st.data(), unknown=st.text(min_size=1, max_size=10).map("x-".__add__), value=json_values)
def test_unknown_fields_change_nothing(topic: str, data: st.DataObject, unknown: str, value: object) -> None:
    """Producers may be newer than consumers."""
    message = data.draw(MESSAGES[topic])
    fields = json.loads(encode(message)) | {unknown: value}
    raw = json.dumps(fields, allow_nan=True).encode("utf-8", errors="surrogatepass")
    try:
        json.loads(json.dumps(value, allow_nan=False).encode())
    except (ValueError, UnicodeEncodeError):
        return  # NaN and lone surrogates are no JSON, wherever they stand
    assert PARSERS[topic](raw, NOW) == message


@given(reading=readings, hours=st.integers(-14, 14))
def test_the_zone_of_a_time_does_not_matter(reading: Any, hours: int) -> None:
    """The same instant in any zone is the same reading, and it reads UTC."""
    fields = json.loads(encode(reading))
    shifted = reading.timestamp.replace(tzinfo=None) + timedelta(hours=hours)
    fields["timestamp"] = f"{shifted.isoformat()}{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    parsed = PARSERS[READINGS](json.dumps(fields).encode(), NOW)
    assert parsed == reading
    assert parsed.timestamp.tzinfo is UTC  # type: ignore[union-attr]


def decoded(raw: bytes) -> list[Reading]:
    """What a decoder of its own makes of a message; nothing where it refuses it, in order."""
    try:
        made = ReadingDecoder().decode(raw, NOW)
    except MalformedMessage as caught:
        malformed = caught
    else:
        messages = made.messages if isinstance(made, Decoded) else (made,)
        assert all(isinstance(message, Reading) for message in messages)
        return [message for message in messages if isinstance(message, Reading)]
    assert malformed.reason in {*REASONS, EMPTY}
    assert malformed.detail
    return []


@given(raw=st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode(errors="surrogatepass")))
def test_the_decoder_understands_any_bytes_or_refuses_them(raw: bytes) -> None:
    """No bytes end a consumer, and what comes out can be sent again."""
    for reading in decoded(raw):
        encode(reading)


@given(reading=readings, data=st.data())
def test_one_bad_field_costs_one_field(reading: Reading, data: st.DataObject) -> None:
    """Whatever stands in it, the others are what they were; machine and time apart."""
    fields = json.loads(encode(reading))
    names = sorted({"temperature", "pressure", "current", "energy_kwh", "state", "line", "device_type", "signals"})
    field = data.draw(st.sampled_from(names))
    spoilt = fields | {field: data.draw(json_values | odd_times)}
    (kept,) = decoded(json.dumps(spoilt).encode("utf-8", errors="surrogatepass"))
    assert [getattr(kept, name) for name in names if name != field] == [
        getattr(reading, name) for name in names if name != field
    ]
    assert parse_or_reject(PARSERS[READINGS], encode(kept)) == kept


@given(reading=readings)
def test_the_decoder_agrees_with_the_strict_parser(reading: Reading) -> None:
    """On all that our own services send, by the fast way and by the careful one."""
    assert ReadingDecoder().decode(encode(reading), NOW) == reading
    assert ReadingDecoder().carefully(encode(reading), NOW) == reading
