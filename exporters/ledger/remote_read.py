"""Prometheus' remote read: its requests, and the samples in response, as protobuf compressed with snappy.

The format is `prompb/remote.proto` of Prometheus, in the form that every version since 2.0 takes (SAMPLES). It has only
five small messages, so they are parsed here and written by `energytrack.samples`.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from energytrack.bus.kafka.unpack import Unreadable, unpack
from energytrack.errors import EnergyTrackError
from energytrack.samples import Series, message, packed, time_series

MOST_BYTES: Final = 1_000_000
"""A request is a few hundred bytes."""
_SNAPPY: Final = 2
_HINTS: Final = 4
_RANGE_MS: Final = 7
"""The field of the hints with the range of the selector."""
_TESTS: Final[tuple[Callable[[str, str], bool], ...]] = (
    lambda wanted, value: value == wanted,
    lambda wanted, value: value != wanted,
    lambda wanted, value: re.fullmatch(wanted, value) is not None,
    lambda wanted, value: re.fullmatch(wanted, value) is None,
)
"""By the numbers of `LabelMatcher.Type`: =, !=, =~, !~."""


class Malformed(ValueError):
    """The request is not one of Prometheus."""


class QueryTooLarge(EnergyTrackError):
    """A query for more than one response can hold."""


@dataclass(frozen=True)
class Matcher:
    """A condition on a label; a series without the label has it empty."""

    kind: int
    name: str
    value: str

    @property
    def is_exact(self) -> bool:
        """Whether only one value matches."""
        return self.kind == 0

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether a series with these labels satisfies the matcher."""
        return _TESTS[self.kind](self.value, labels.get(self.name, ""))


@dataclass(frozen=True)
class Question:
    """One selector of a query, and its time range in milliseconds, both ends included."""

    start_ms: int
    end_ms: int
    matchers: tuple[Matcher, ...]
    window_ms: int = 0
    """How far back each step of the query looks, `[1d]`; 0 if it asks for the value at an instant."""

    def asks_for(self, labels: Mapping[str, str]) -> bool:
        """Whether a query matches a series."""
        return all(matcher.holds(labels) for matcher in self.matchers)


def questions_of(body: bytes) -> list[Question]:
    """The queries of a request; raises Malformed."""
    try:
        raw = bytes(unpack(_SNAPPY, body, most=MOST_BYTES))
        return [_question(value) for number, value in _fields(raw) if number == 1 and isinstance(value, bytes)]
    except (Unreadable, IndexError, struct.error, UnicodeDecodeError, re.error) as error:
        raise Malformed(f"not a remote read request: {error}") from error


def answer_of(results: Iterable[Iterable[Series]]) -> bytes:
    """The response: the series of each query, compressed with Snappy."""
    return packed(b"".join(message(1, time_series(result)) for result in results))


def _question(raw: bytes) -> Question:
    start = end = window = 0
    matchers: list[Matcher] = []
    for number, value in _fields(raw):
        if number == 1 and isinstance(value, int):
            start = value
        elif number == 2 and isinstance(value, int):
            end = value
        elif number == 3 and isinstance(value, bytes):
            matchers.append(_matcher(value))
        elif number == _HINTS and isinstance(value, bytes):
            window = next((each for name, each in _fields(value) if name == _RANGE_MS and isinstance(each, int)), 0)
    return Question(start, end, tuple(matchers), window)


def _matcher(raw: bytes) -> Matcher:
    fields: dict[int, int | bytes] = dict(_fields(raw))
    kind, name, value = fields.get(1, 0), fields.get(2, b""), fields.get(3, b"")
    if not isinstance(kind, int) or kind >= len(_TESTS) or not isinstance(name, bytes) or not isinstance(value, bytes):
        raise Malformed("no matcher of labels")
    if kind >= 2:
        re.compile(value.decode())
    return Matcher(kind, name.decode(), value.decode())


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field of a message; numbers of fixed width are skipped, since we use none."""
    at = 0
    while at < len(raw):
        key, at = _read_varint(raw, at)
        match key & 7:
            case 0:
                value, at = _read_varint(raw, at)
                yield key >> 3, value - (1 << 64) if value >> 63 else value
            case 1:
                at += 8
            case 2:
                length, at = _read_varint(raw, at)
                if at + length > len(raw):
                    raise Malformed("it ends in the middle")
                yield key >> 3, raw[at : at + length]
                at += length
            case 5:
                at += 4
            case other:
                raise Malformed(f"no field of protobuf has the wire type {other}")


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise Malformed("a number of more than 64 bits")
