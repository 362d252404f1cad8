"""Readings as gateways send them, and what the decoder makes of them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from energytrack.decoding.decoded import FieldProblem
from energytrack.decoding.decoder import ReadingDecoder
from energytrack.messages import Reading
from testkit.builders.messages import NOW
from testkit.dates import written

WHOLE: dict[str, Any] = {
    "device_id": "cnc-0007",
    "timestamp": written(NOW),
    "temperature": 61.5,
    "pressure": 5.3,
    "current": 12.4,
    "energy_kwh": 48211.337,
    "state": "running",
}


def raw(fields: Mapping[str, Any] = WHOLE, **changed: Any) -> bytes:
    """A reading as a gateway sends it, with some fields changed."""
    return json.dumps({**fields, **changed}).encode()


def part(seconds: float = 0.0, **fields: Any) -> bytes:
    """A message that tells only these fields, so long after NOW."""
    return raw({"device_id": "cnc-0007", "timestamp": written(NOW + timedelta(seconds=seconds))}, **fields)


def decoded(value: bytes | None, decoder: ReadingDecoder | None = None) -> tuple[Reading, tuple[FieldProblem, ...]]:
    """The one reading of a message, and its problems."""
    made = (decoder or ReadingDecoder()).decode(value, NOW + timedelta(hours=1))
    if isinstance(made, Reading):
        return made, ()
    assert not made.refused
    (reading,) = made.messages
    assert isinstance(reading, Reading)
    return reading, made.problems
