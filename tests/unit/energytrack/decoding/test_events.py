"""Events with times in any form that is unambiguous; what they say is as strict as ever."""

import json
from typing import Any

import pytest

from energytrack.decoding.decoded import Decoded
from energytrack.decoding.events import EventDecoder
from energytrack.errors import MalformedMessage
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
