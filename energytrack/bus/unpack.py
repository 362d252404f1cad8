"""What a producer packed (gzip, snappy, lz4, zstd), unpacked under a bound: a few bytes can hold gigabytes of zeros."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cramjam

from energytrack.bus import SetAsideReason
from energytrack.errors import EnergyTrackError

CODECS: Final = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
"""Kafka's numbers for them, as they stand in the lowest three bits of a batch's attributes."""
_GZIP_OR_ZLIB: Final = 47
_XERIAL: Final = b"\x82SNAPPY\x00"
"""How Java's clients begin a stream of snappy blocks; librdkafka and Telegraf send one bare block, or the same."""
_XERIAL_HEADER: Final = 16
_FIRST_GUESS: Final = 8
"""Messages in JSON seldom shrink to less than an eighth; the guess is multiplied by four until it is enough."""


@dataclass(eq=False)
class Unreadable(EnergyTrackError):
    """A batch of messages that cannot be read, whoever tries."""

    reason: SetAsideReason
    detail: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


def unpack(codec: int, packed: bytes, *, most: int) -> bytes | bytearray:
    """What `packed` holds; raises Unreadable where it is damaged, or holds more than `most` bytes."""
    name = CODECS.get(codec)
    if name is None:
        raise Unreadable("unknown_codec", f"compression type {codec} is none of Kafka's (gzip, snappy, lz4, zstd)")
    try:
        unpacked: bytes | bytearray = _UNPACKERS[name](packed, most)
    except MemoryError as error:
        raise Unreadable("too_large", f"{len(packed)} bytes of {name} need more memory than there is") from error
    except (zlib.error, struct.error, cramjam.DecompressionError) as error:
        raise Unreadable("damaged", f"{len(packed)} bytes of {name} cannot be unpacked: {error}") from error
    return unpacked


def _as_it_is(packed: bytes, most: int) -> bytes:
    del most  # the broker has bounded it already
    return packed


def _gzip(packed: bytes, most: int) -> bytearray:
    unpacked = bytearray()
    while packed:  # a stream may have several members
        member = zlib.decompressobj(_GZIP_OR_ZLIB)
        unpacked += member.decompress(packed, most + 1 - len(unpacked))
        if len(unpacked) > most:
            raise _too_large("gzip", most)
        if not member.eof:
            raise zlib.error("it ends in the middle")
        packed = member.unused_data
    return unpacked


def _snappy(packed: bytes, most: int) -> bytes | bytearray:
    if not packed.startswith(_XERIAL):
        return _snappy_block(packed, most)
    unpacked = bytearray()
    at = _XERIAL_HEADER
    while at < len(packed):
        (length,) = struct.unpack_from(">i", packed, at)
        if length < 0:
            raise struct.error("a block of negative length")
        unpacked += _snappy_block(packed[at + 4 : at + 4 + length], most - len(unpacked))
        at += 4 + length
    return unpacked


def _snappy_block(packed: bytes, most: int) -> bytes:
    if cramjam.snappy.decompress_raw_len(packed) > most:
        raise _too_large("snappy", most)
    return bytes(cramjam.snappy.decompress_raw(packed))


def _growing(name: str, unpack_into: Callable[[bytes, bytearray], int]) -> Callable[[bytes, int], bytearray]:
    """For codecs that do not say how much they hold: into more and more room, up to the bound."""

    def unpack_bounded(packed: bytes, most: int) -> bytearray:
        room = min(_FIRST_GUESS * len(packed), most)
        while True:
            unpacked = bytearray(room)
            try:
                del unpacked[unpack_into(packed, unpacked) :]
            except cramjam.DecompressionError as error:
                if "whole buffer" not in str(error):
                    raise
            else:
                return unpacked
            if room == most:
                raise _too_large(name, most)
            room = min(4 * room, most)

    return unpack_bounded


def _too_large(name: str, most: int) -> Unreadable:
    return Unreadable("too_large", f"its {name} unpacks to more than {most} bytes, which is the most that is read")


_UNPACKERS: Final[dict[str, Callable[[bytes, int], Any]]] = {
    "none": _as_it_is,
    "gzip": _gzip,
    "snappy": _snappy,
    "lz4": _growing("lz4", cramjam.lz4.decompress_into),
    "zstd": _growing("zstd", cramjam.zstd.decompress_into),
}
