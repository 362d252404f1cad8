"""Decompresses batches (gzip, snappy, lz4, zstd) with a limit: a few bytes can hold gigabytes of zeros."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cramjam

from energytrack.bus import SetAsideReason
from energytrack.errors import EnergyTrackError

CODECS: Final = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
"""Kafka's codec numbers: the lowest three bits of a batch's attributes."""
_GZIP_OR_ZLIB: Final = 47
_XERIAL: Final = b"\x82SNAPPY\x00"
"""How Java's clients start a stream of snappy blocks; librdkafka and Telegraf send one bare block, or the same."""
_XERIAL_HEADER: Final = 16
_PIECE: Final = 1_000_000
_FIRST_GUESS: Final = 8
"""JSON messages rarely compress to less than an eighth; the buffer is multiplied by four until it is large enough."""


@dataclass(eq=False)
class Unreadable(EnergyTrackError):
    """A batch of messages that no client can decode."""

    reason: SetAsideReason
    detail: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


def unpack(codec: int, packed: bytes, *, most: int) -> bytes | bytearray:
    """The content of `packed`; raises Unreadable if it is damaged or holds more than `most` bytes."""
    name = CODECS.get(codec)
    if name is None:
        raise Unreadable("unknown_codec", f"unknown compression type {codec} (Kafka has gzip, snappy, lz4, zstd)")
    try:
        unpacked: bytes | bytearray = _UNPACKERS[name](packed, most)
    except MemoryError as error:
        raise Unreadable("too_large", f"{len(packed)} bytes of {name} need more memory than is available") from error
    except (zlib.error, struct.error, cramjam.DecompressionError) as error:
        raise Unreadable("damaged", f"{len(packed)} bytes of {name} cannot be decompressed: {error}") from error
    return unpacked


def _as_it_is(packed: bytes, most: int) -> bytes:
    del most  # already limited by the broker
    return packed


def _gzip(packed: bytes, most: int) -> bytearray:
    unpacked = bytearray()
    while packed:  # a stream may have several members
        member = zlib.decompressobj(_GZIP_OR_ZLIB)
        while not member.eof:  # in pieces: the whole would be there twice
            piece = member.decompress(packed, min(_PIECE, most + 1 - len(unpacked)))
            packed = member.unconsumed_tail
            if not piece and not packed and not member.eof:
                raise zlib.error("it ends unexpectedly")
            unpacked += piece
            if len(unpacked) > most:
                raise _too_large("gzip", most)
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
    """For codecs that do not state the decompressed size: try larger and larger buffers, up to the limit."""

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
    return Unreadable("too_large", f"its {name} decompresses to more than {most} bytes, which is the limit")


_UNPACKERS: Final[dict[str, Callable[[bytes, int], Any]]] = {
    "none": _as_it_is,
    "gzip": _gzip,
    "snappy": _snappy,
    "lz4": _growing("lz4", cramjam.lz4.decompress_into),
    "zstd": _growing("zstd", cramjam.zstd.decompress_into),
}
