"""Numbers in Modbus registers: 16-bit words, and the four orders in which meters send the bytes of longer numbers."""

import struct
from collections.abc import Sequence
from typing import Final, get_args

from gateway.profile import ByteOrder, NumberType

FORMATS: Final[dict[NumberType, str]] = {
    "INT16": "h",
    "UINT16": "H",
    "INT32": "i",
    "UINT32": "I",
    "INT64": "q",
    "UINT64": "Q",
    "FLOAT32": "f",
    "FLOAT64": "d",
}
ORDERS: Final[tuple[ByteOrder, ...]] = get_args(ByteOrder)


def length(number: NumberType) -> int:
    """The registers that a number takes."""
    return struct.calcsize(FORMATS[number]) // 2


def decode(words: Sequence[int], number: NumberType, order: ByteOrder) -> float:
    """The number in these registers: A is the most significant byte, and ABCD sends it first."""
    if order in {"CDAB", "DCBA"}:
        words = words[::-1]
    raw = b"".join(word.to_bytes(2, "little" if order in {"BADC", "DCBA"} else "big") for word in words)
    return float(struct.unpack(f">{FORMATS[number]}", raw)[0])


def encode(value: float, number: NumberType, order: ByteOrder) -> list[int]:
    """The registers of a number; the reverse of `decode`."""
    raw = struct.pack(f">{FORMATS[number]}", value if number.startswith("FLOAT") else round(value))
    swapped = order in {"BADC", "DCBA"}
    words = [int.from_bytes(raw[i : i + 2], "little" if swapped else "big") for i in range(0, len(raw), 2)]
    return words[::-1] if order in {"CDAB", "DCBA"} else words
