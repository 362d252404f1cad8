"""Series with their samples, as Prometheus exchanges them: protobuf (`TimeSeries` of its `prompb`), packed with snappy.

Responses of its remote read and requests of its remote write consist of them.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import cramjam

_FIXED64, _BYTES = 1, 2
_DOUBLE: Final = struct.Struct("<d").pack


class Series(NamedTuple):
    """A series, with its name as the label `__name__`."""

    labels: Mapping[str, str]
    samples: Sequence[tuple[int, float]]
    """(milliseconds, value), rising."""


def time_series(series: Iterable[Series]) -> bytes:
    """Several series, each as field 1 of a query's result or of a remote write request."""
    return b"".join(message(1, _series(each)) for each in series)


def message(number: int, content: bytes) -> bytes:
    """A length-delimited field: a message, a text or bytes."""
    return bytes((number << 3 | _BYTES,)) + _varint(len(content)) + content


def packed(content: bytes) -> bytes:
    """The content as one block of snappy."""
    return bytes(cramjam.snappy.compress_raw(content))


def _series(series: Series) -> bytes:
    labels = (
        message(1, message(1, name.encode()) + message(2, value.encode()))
        for name, value in sorted(series.labels.items())
        if value
    )
    written = list(labels)
    for at, value in series.samples:
        head, tail = _around_value(at)
        written += (head, _DOUBLE(value), tail)
    return b"".join(written)


@lru_cache(maxsize=4096)
def _around_value(at: int) -> tuple[bytes, bytes]:
    """A sample's bytes before and after its value: most series have their samples at the same times."""
    tail = b"\x10" + _varint(at)
    return message(2, b"")[:1] + _varint(9 + len(tail)) + bytes((1 << 3 | _FIXED64,)), tail


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
