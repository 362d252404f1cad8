"""What decoding a message gives: a message, or several, with what of them cannot be used."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from energytrack.errors import MalformedMessage
from energytrack.messages import Message


class FieldProblem(NamedTuple):
    """A value that cannot be used: it is unknown, and the rest of its message counts."""

    device_id: str
    field: str
    """One of `FIELDS`, so that it can be a metric label."""
    detail: str
    """What came, what was expected, and what to do about it."""


class Decoded(NamedTuple):
    """What was made of a message that is not an ordinary one."""

    messages: tuple[Message, ...]
    """Several where an array came."""
    problems: tuple[FieldProblem, ...] = ()
    refused: tuple[MalformedMessage, ...] = ()
    """Of an array: the readings that cannot be understood."""


FIELDS: Final = (
    "temperature", "pressure", "current", "energy_kwh", "state", "device_type", "line", "signals", "parts", "reading",
)  # fmt: skip
"""The fields whose values may be unknown; `reading` is a message without any known field."""
Parser = Callable[[bytes | None, datetime], Message | Decoded]
"""Bytes and the time of day in, a message out, or `MalformedMessage`."""
