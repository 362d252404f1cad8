"""Bytes become messages once, or say what is wrong with them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from energytrack.decoding.parsing import parse_command, parse_event, parse_insight, parse_reading
from energytrack.errors import ClockAhead, MalformedMessage
from energytrack.events import CommandResult, FaultCode
from energytrack.messages import Reading, encode
from testkit.builders.messages import NOW, a_command, an_event, an_insight
from testkit.dates import DAY, written

READING: dict[str, Any] = {
    "device_id": "cnc-0007",
    "timestamp": written(NOW),
    "temperature": 68.21,
    "pressure": 5.31,
    "current": 12.4,
}


def raw(**fields: Any) -> bytes:
    """A reading as a gateway sends it, with some fields changed."""
    return json.dumps(READING | fields).encode()


def without(field: str) -> bytes:
    return json.dumps({name: value for name, value in READING.items() if name != field}).encode()


def test_a_reading_needs_little() -> None:
    """Five fields are enough; all others are not known."""
    reading = parse_reading(raw(), NOW)
    assert reading == Reading(device_id="cnc-0007", timestamp=NOW, temperature=68.21, pressure=5.31, current=12.4)
    assert (reading.device_type, reading.line, reading.energy_kwh, reading.state) == (None, None, None, None)
    assert reading.signals == {}


def test_a_lost_sensor_is_null() -> None:
    """A sensor value may be null; it may not be missing."""
    assert parse_reading(raw(temperature=None), NOW).temperature is None


def test_unknown_fields_are_ignored() -> None:
    """A gateway may know more than we do."""
    assert parse_reading(raw(firmware="4.2"), NOW) == parse_reading(raw(), NOW)


def test_further_signals_travel_by_name() -> None:
    """A vibration sensor needs no new message."""
    assert parse_reading(raw(signals={"vibration": 2.5, "flow": None}), NOW).signals == {"vibration": 2.5, "flow": None}


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        (f"{DAY}T11:00:00+01:00", NOW),
        (f"{DAY}T10:00:00Z", NOW),
        (f"{DAY}T10:00:00.250Z", NOW + timedelta(milliseconds=250)),
    ],
)
def test_times_are_understood_in_utc(sent: str, understood: datetime) -> None:
    """Whatever zone a time was sent in, inside it is UTC."""
    timestamp = parse_reading(raw(timestamp=sent), NOW).timestamp
    assert timestamp == understood
    assert timestamp.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (None, "empty", "no value"),
        (b"", "empty", "no value"),
        (b" \n", "empty", "no value"),
        (b"\xff\xfe", "not_json", ""),
        (b"{", "not_json", ""),
        (b'{"device_id": "cnc-0007", "temperature": NaN}', "not_json", ""),
        (b"[]", "wrong_type", "Expected `object`, got `array`"),
        (without("temperature"), "missing_field", "temperature"),
        (without("timestamp"), "missing_field", "timestamp"),
        (raw(temperature="hot"), "wrong_type", "$.temperature"),
        (raw(temperature=True), "wrong_type", "$.temperature"),
        (raw(pressure=1e7), "wrong_type", "$.pressure"),
        (raw(energy_kwh=-1), "wrong_type", "$.energy_kwh"),
        (raw(state="dancing"), "wrong_type", "$.state"),
        (raw(device_id=""), "wrong_type", "$.device_id"),
        (raw(device_id="x" * 65), "wrong_type", "$.device_id"),
        (raw(device_id="cnc 7"), "wrong_type", "$.device_id"),
        (raw(device_id="cnc-7\n"), "wrong_type", "$.device_id"),
        (raw(signals={f"s{n}": 1 for n in range(33)}), "wrong_type", "$.signals"),
        (raw(timestamp=f"{DAY}T10:00:00"), "bad_timestamp", "$.timestamp"),
        (raw(timestamp="yesterday"), "bad_timestamp", "$.timestamp"),
        (raw(timestamp="1999-12-31T23:59:59Z"), "bad_timestamp", "after 2000-01-01"),
        (raw(timestamp=written(NOW + timedelta(hours=2))), "clock_ahead", "its clock is 2 h ahead of ours"),
        (raw(timestamp="0001-01-01T00:00:00+14:00"), "bad_timestamp", "valid date"),
        (raw(line="x" * 1_000_000), "too_large", "1000000 bytes"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(value: bytes | None, reason: str, detail: str) -> None:
    """Each rejection has one of few reasons, and a sentence that names the field."""
    with pytest.raises(MalformedMessage) as malformed:
        parse_reading(value, NOW)
    assert malformed.value.reason == reason
    assert detail in malformed.value.detail


def test_a_number_too_large_for_a_float_is_rejected() -> None:
    """JSON has no infinity, but 1e999 reads as one."""
    with pytest.raises(MalformedMessage):
        parse_reading(raw().replace(b"68.21", b"1e999"), NOW)


def test_deep_nesting_is_rejected() -> None:
    """A message that nests for ever ends no consumer."""
    with pytest.raises(MalformedMessage):
        parse_reading(b'{"other":' + b"[" * 200_000 + b"]" * 200_000 + b"}", NOW)


def test_a_clock_five_minutes_ahead_is_accepted() -> None:
    """Exactly 5 minutes ahead is the limit, where nobody sets another."""
    ahead = NOW + timedelta(minutes=5)
    assert parse_reading(raw(timestamp=written(ahead)), NOW).timestamp == ahead
    with pytest.raises(ClockAhead) as refused:
        parse_reading(raw(timestamp=written(ahead)), NOW - timedelta(seconds=1))
    assert refused.value.device_id == "cnc-0007"
    assert refused.value.ahead_seconds == 301.0


def test_an_event_may_be_a_day_ahead() -> None:
    """An answer or a failure is not lost for a clock that is wrong."""
    event = parse_event(encode(an_event(timestamp=NOW + timedelta(hours=24))), NOW)
    assert event.timestamp == NOW + timedelta(hours=24)


def test_events_are_distinguished_by_their_kind() -> None:
    """Each kind is a class of its own with its own fields."""
    assert isinstance(parse_event(encode(an_event("fault_code", code="W-7")), NOW), FaultCode)
    assert isinstance(parse_event(encode(an_event("command_result")), NOW), CommandResult)


@pytest.mark.parametrize("kind", ["earthquake", None])
def test_an_event_of_an_unknown_kind_is_rejected(kind: str | None) -> None:
    """A kind that nobody knows is malformed, not ignored."""
    fields = {"event_id": "1", "device_id": "cnc-0007", "timestamp": written(NOW)}
    with pytest.raises(MalformedMessage) as malformed:
        parse_event(json.dumps(fields | ({"kind": kind} if kind else {})).encode(), NOW)
    assert malformed.value.reason in {"wrong_type", "missing_field"}


def test_an_event_needs_the_fields_of_its_kind() -> None:
    """A fault code without its code is malformed."""
    value = encode(an_event("fault_code")).replace(b'"code"', b'"cod"')
    with pytest.raises(MalformedMessage, match="code"):
        parse_event(value, NOW)


def test_an_insight_says_when_it_knows_nothing() -> None:
    """A machine with too little history has neither probability nor prediction."""
    insight = parse_insight(encode(an_insight(failure_probability=None, prediction=None)), NOW)
    assert (insight.failure_probability, insight.prediction) == (None, None)


@pytest.mark.parametrize(("field", "value"), [("failure_probability", 1.01), ("prediction", 2)])
def test_an_insight_stays_within_its_ranges(field: str, value: Any) -> None:
    """A probability is at most one; a prediction is 0 or 1."""
    with pytest.raises(MalformedMessage, match=field):
        parse_insight(encode(an_insight(**{field: value})), NOW)


def test_an_order_has_an_end() -> None:
    """Both times of an order are understood in UTC; one that would hold for days is a mistake."""
    assert parse_command(encode(a_command()), NOW) == a_command()
    with pytest.raises(MalformedMessage, match="expires_at"):
        parse_command(encode(a_command(expires_at=NOW + timedelta(days=3))), NOW)
    with pytest.raises(MalformedMessage, match="expires_at"):
        parse_command(encode(a_command()).replace(f"{DAY}T10:01:00Z".encode(), b"9999-12-31T23:59:59-12:00"), NOW)
