"""Prometheus' remote read: what it asks, and the samples that answer it, as protobuf packed with snappy.

The format is `prompb/remote.proto` of Prometheus, in the form that every version since 2.0 takes (SAMPLES). It is five
small messages, so they are read and written here.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import cramjam

from energytrack.bus.kafka.unpack import Unreadable, unpack

MOST_BYTES: Final = 1_000_000
"""A question is a few hundred bytes."""
_SNAPPY: Final = 2
_FIXED64, _BYTES = 1, 2
_TESTS: Final[tuple[Callable[[str, str], bool], ...]] = (
    lambda wanted, value: value == wanted,
    lambda wanted, value: value != wanted,
    lambda wanted, value: re.fullmatch(wanted, value) is not None,
    lambda wanted, value: re.fullmatch(wanted, value) is None,
)
"""By the numbers of `LabelMatcher.Type`: =, !=, =~, !~."""


class Malformed(ValueError):
    """What came is no question of Prometheus."""


@dataclass(frozen=True)
class Matcher:
    """A condition on a label; a series without the label has it empty."""

    kind: int
    name: str
    value: str

    @property
    def is_exact(self) -> bool:
        """Whether one value alone fits."""
        return self.kind == 0

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether a series with these labels is asked for."""
        return _TESTS[self.kind](self.value, labels.get(self.name, ""))


@dataclass(frozen=True)
class Question:
    """One selector of a query, and its time range in milliseconds, both ends included."""

    start_ms: int
    end_ms: int
    matchers: tuple[Matcher, ...]

    def asks_for(self, labels: Mapping[str, str]) -> bool:
        """Whether a series is part of the answer."""
        return all(matcher.holds(labels) for matcher in self.matchers)


class Series(NamedTuple):
    """A series, with its name as the label `__name__`."""

    labels: Mapping[str, str]
    samples: Sequence[tuple[int, float]]
    """(milliseconds, value), rising."""


def questions_of(packed: bytes) -> list[Question]:
    """The questions of a request; raises Malformed."""
    try:
        raw = bytes(unpack(_SNAPPY, packed, most=MOST_BYTES))
        return [_question(value) for number, value in _fields(raw) if number == 1 and isinstance(value, bytes)]
    except (Unreadable, IndexError, struct.error, UnicodeDecodeError, re.error) as error:
        raise Malformed(f"no remote read request: {error}") from error


def answer_of(results: Iterable[Iterable[Series]]) -> bytes:
    """The answers, one for each question, packed."""
    message = b"".join(_message(1, b"".join(_message(1, _series(each)) for each in result)) for result in results)
    return bytes(cramjam.snappy.compress_raw(message))


def _question(raw: bytes) -> Question:
    start = end = 0
    matchers: list[Matcher] = []
    for number, value in _fields(raw):
        if number == 1 and isinstance(value, int):
            start = value
        elif number == 2 and isinstance(value, int):
            end = value
        elif number == 3 and isinstance(value, bytes):
            matchers.append(_matcher(value))
    return Question(start, end, tuple(matchers))


def _matcher(raw: bytes) -> Matcher:
    fields: dict[int, int | bytes] = dict(_fields(raw))
    kind, name, value = fields.get(1, 0), fields.get(2, b""), fields.get(3, b"")
    if not isinstance(kind, int) or kind >= len(_TESTS) or not isinstance(name, bytes) or not isinstance(value, bytes):
        raise Malformed("no matcher of labels")
    if kind >= 2:
        re.compile(value.decode())
    return Matcher(kind, name.decode(), value.decode())


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field of a message; numbers of fixed width are passed over, none is ours."""
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


def _series(series: Series) -> bytes:
    labels = (
        _message(1, _message(1, name.encode()) + _message(2, value.encode()))
        for name, value in sorted(series.labels.items())
        if value
    )
    written = list(labels)
    for at, value in series.samples:
        head, tail = _around_value(at)
        written += (head, _DOUBLE(value), tail)
    return b"".join(written)


_DOUBLE: Final = struct.Struct("<d").pack


@lru_cache(maxsize=4096)
def _around_value(at: int) -> tuple[bytes, bytes]:
    """A sample's bytes before and after its value: most series have their samples at the same times."""
    tail = b"\x10" + _varint(at)
    return _message(2, b"")[:1] + _varint(9 + len(tail)) + bytes((1 << 3 | _FIXED64,)), tail


def _message(number: int, content: bytes) -> bytes:
    return bytes((number << 3 | _BYTES,)) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
