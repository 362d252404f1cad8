"""Changes a broker's log on the disk behind its back, to make batches that no client can read."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from crc32c import crc32c

from local.site import Site

LENGTH_AT: Final = 8
CRC_AT: Final = 17
ATTRIBUTES_AT: Final = 21
LAST_DELTA_AT: Final = 23
RECORDS_AT: Final = 61

Change = Callable[[bytearray], None]


def spoil(site: Site, topic: str, partition: int, offset: int, change: Change, *, fits: bool = True) -> tuple[int, int]:
    """Change the batch with an offset, in place; returns the first and the last offset of that batch.

    With `fits`, its checksum is updated.
    """
    path = segment(site, topic, partition)
    for at, batch in batches(path.read_bytes()):
        first = struct.unpack_from(">q", batch)[0]
        last = first + struct.unpack_from(">i", batch, LAST_DELTA_AT)[0]
        if first <= offset <= last:
            changed = bytearray(batch)
            change(changed)
            if fits:
                struct.pack_into(">I", changed, CRC_AT, crc32c(bytes(changed[ATTRIBUTES_AT:])))
            with path.open("r+b") as file:
                file.seek(at)
                file.write(changed)
            return first, last
    raise AssertionError(f"no batch of {topic}-{partition} holds the offset {offset}")


def segment(site: Site, topic: str, partition: int) -> Path:
    """The first segment of a partition."""
    return site.var / "kafka" / "data" / f"{topic}-{partition}" / f"{0:020d}.log"


def batches(log: bytes) -> Iterator[tuple[int, bytes]]:
    """The position of each batch, and its bytes."""
    at = 0
    while at < len(log):
        end = at + LENGTH_AT + 4 + struct.unpack_from(">i", log, at + LENGTH_AT)[0]
        yield at, log[at:end]
        at = end


def as_codec(number: int) -> Change:
    """A change that marks the batch as compressed by a codec of this number."""

    def change(batch: bytearray) -> None:
        batch[ATTRIBUTES_AT + 1] = batch[ATTRIBUTES_AT + 1] & ~0x07 | number

    return change


def as_rubbish(batch: bytearray) -> None:
    """Replace the records by bytes that no codec and no parser understands."""
    batch[RECORDS_AT:] = b"\xfe" * len(batch[RECORDS_AT:])


def as_flipped(batch: bytearray) -> None:
    """Flip one bit of the last byte."""
    batch[-1] ^= 1
