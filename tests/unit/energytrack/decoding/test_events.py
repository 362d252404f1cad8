"""Events with times in any form that is unambiguous; what they say is as strict as ever."""

import json
from datetime import timedelta
from typing import Any

import pytest

from energytrack.decoding.decoded import Decoded
from energytrack.decoding.events import EventDecoder
from energytrack.errors import MalformedMessage
from energytrack.events import PartsFinished
from energytrack.messages import encode
from testkit.builders.messages import NOW, an_event
from testkit.dates import DAY

FAILURE = an_event("failure")


def raw(**changed: Any) -> bytes:
    return json.dumps({**json.loads(encode(FAILURE)), **changed}).encode()


@pytest.mark.parametrize("sent", [int(NOW.timestamp()), int(NOW.timestamp()) * 1000, f"{DAY} 11:00:00+0100"])
def test_its_time_is_understood(sent: Any) -> None:
    assert EventDecoder().decode(raw(timestamp=sent), NOW) == FAILURE


def test_an_array_is_several_events() -> None:
    """What is wrong with one of them costs that one."""
    made = EventDecoder().decode(b"[%s,%s,7]" % (raw(), raw(kind="earthquake")), NOW)
    assert isinstance(made, Decoded)
    assert made.messages == (FAILURE,)
    assert [each.reason for each in made.refused] == ["wrong_type", "wrong_type"]
    assert "event 2 of 3" in made.refused[0].detail


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty"),
        (b"{", "not_json"),
        (raw(mode=7), "wrong_type"),
        (raw(timestamp=f"{DAY}T10:00:00"), "bad_timestamp"),
        (raw(timestamp="9999-12-31T23:59:59Z"), "clock_ahead"),
    ],
)
def test_what_is_wrong_is_named(value: bytes | None, reason: str) -> None:
    with pytest.raises(MalformedMessage) as malformed:
        EventDecoder().decode(value, NOW)
    assert malformed.value.reason == reason


FINISHED = an_event("parts_finished", since=NOW - timedelta(hours=1))


def made(**changed: Any) -> bytes:
    return json.dumps({**json.loads(encode(FINISHED)), **changed}).encode()


def test_both_times_of_finished_parts_are_understood() -> None:
    """In any form, and both are set right where a clock is wrong."""
    begun = FINISHED.timestamp - timedelta(hours=1)
    sent = made(timestamp=int(NOW.timestamp()), since=int(begun.timestamp() * 1000))
    assert EventDecoder().decode(sent, NOW) == FINISHED
    ahead = {"cnc-0007": lambda at, _now: at - timedelta(minutes=7)}
    for raw_event in (made(), sent):
        right = EventDecoder(corrections=ahead).decode(raw_event, NOW)
        assert isinstance(right, PartsFinished)
        assert (right.timestamp, right.since) == (NOW - timedelta(minutes=7), begun - timedelta(minutes=7))


@pytest.mark.parametrize(
    ("changed", "reason", "sentence"),
    [
        ({"since": f"{DAY}T10:00:01Z"}, "wrong_type", "several events"),
        ({"since": (NOW - timedelta(hours=25)).isoformat()}, "wrong_type", "in the 24 h before `timestamp`"),
        ({"parts": -1}, "wrong_type", "parts"),
        ({"parts": 1e9}, "wrong_type", "parts"),
        ({"timestamp": (NOW + timedelta(minutes=6)).isoformat()}, "clock_ahead", "ahead"),
        ({"since": "this morning"}, "bad_timestamp", "since"),
    ],
)
def test_parts_that_cannot_be_counted_are_named(changed: dict[str, Any], reason: str, sentence: str) -> None:
    with pytest.raises(MalformedMessage) as malformed:
        EventDecoder().decode(made(**changed), NOW)
    assert malformed.value.reason == reason
    assert sentence in str(malformed.value)


@pytest.mark.parametrize("kind", ["parts_finished", "parts_corrected"])
def test_parts_of_a_plant_meter_are_refused_with_the_reason(kind: Any) -> None:
    """Alone and among others; other events of it are none of this."""
    decoder = EventDecoder(meters=frozenset({"main"}))
    event = encode(an_event(kind, device_id="main"))
    with pytest.raises(MalformedMessage, match="expected a machine that finishes parts, got 'main'") as refused:
        decoder.decode(event, NOW)
    assert refused.value.reason == "no_machine"
    good = encode(an_event(kind, device_id="press-0001"))
    several = decoder.decode(b"[" + event + b"," + good + b"]", NOW)
    assert isinstance(several, Decoded)
    assert [each.device_id for each in several.messages] == ["press-0001"]
    assert [each.reason for each in several.refused] == ["no_machine"]
    assert decoder.decode(encode(an_event("failure", device_id="main")), NOW)
