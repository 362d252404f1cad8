"""The result of decoding: one message or several, and what could not be used of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from energytrack.errors import MalformedMessage
from energytrack.messages import Message


class FieldProblem(NamedTuple):
    """A value that cannot be used: it counts as unknown, and the rest of its message is used."""

    device_id: str
    field: str
    """One of `FIELDS`, so that it can be a metric label."""
    detail: str
    """What was received, what was expected, and what to do about it."""


class Decoded(NamedTuple):
    """The result of decoding an unusual message: an array, or one with problems."""

    messages: tuple[Message, ...]
    """Several if an array was received."""
    problems: tuple[FieldProblem, ...] = ()
    refused: tuple[MalformedMessage, ...] = ()
    """The elements of an array that cannot be decoded."""


FIELDS: Final = (
    "temperature", "pressure", "current", "energy_kwh", "state", "device_type", "line", "signals", "parts", "reading",
)  # fmt: skip
"""The fields whose values may be unknown; `reading` is a message without any known field."""
Parser = Callable[[bytes | None, datetime], Message | Decoded]
"""From bytes and the current time to a message; raises `MalformedMessage`."""
