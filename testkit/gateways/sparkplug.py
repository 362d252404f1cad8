"""Sparkplug B payloads, byte by byte (protocol buffers; Eclipse Sparkplug specification 3.0, section 6.4)."""

import struct
from collections.abc import Sequence
from datetime import datetime

Metric = tuple[str | None, int, float | str | None]
"""Name (in births only), alias, and value; None is null."""
DOUBLE, STRING = 10, 12
"""Data types of the specification."""


def payload(at: datetime, metrics: Sequence[Metric]) -> bytes:
    """A message with these metrics."""
    body = _integer(1, round(at.timestamp() * 1000))
    for metric in metrics:
        body += _bytes(2, _metric(metric))
    return body + _integer(3, 7)


def _metric(metric: Metric) -> bytes:
    name, alias, value = metric
    body = (_bytes(1, name.encode()) if name is not None else b"") + _integer(2, alias)
    body += _integer(4, STRING if isinstance(value, str) else DOUBLE)
    if value is None:
        return body + _integer(7, 1)
    if isinstance(value, str):
        return body + _bytes(15, value.encode())
    return body + bytes([13 << 3 | 1]) + struct.pack("<d", value)


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
