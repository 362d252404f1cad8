"""Binary workbooks as records: XLSB, and XLS in its compound file."""

import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

END_OF_CHAIN: Final = 0xFFFFFFFA
"""Sector numbers from here on are special marks."""
ENTRY_BYTES: Final = 128
SMALL_BYTES: Final = 64
"""The size of a sector of a short stream."""
WORKBOOK: Final = frozenset({"Workbook", "Book"})


def records_of(content: bytes) -> Iterator[tuple[int, bytes]]:
    """[MS-XLSB] 2.1.4: types and contents, one after the other."""
    at = 0
    while at < len(content):
        kind, at = _number(content, at, 2)
        size, at = _number(content, at, 4)
        yield kind, content[at : at + size]
        at += size


def _number(content: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and the position after it."""
    number = 0
    for place in range(longest):
        if at >= len(content):
            break
        byte = content[at]
        number |= (byte & 0x7F) << (7 * place)
        at += 1
        if byte < 0x80:
            break
    return number, at


def records_of_xls(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The same for XLS ([MS-XLS] 2.1.4): two bytes of type and length each; raises ValueError if there are none."""
    content, at = _workbook(raw), 0
    while at + 4 <= len(content):
        kind, size = struct.unpack_from("<HH", content, at)
        yield kind, content[at + 4 : at + 4 + size]
        at += 4 + size


def _workbook(raw: bytes) -> bytes:
    """The stream of the workbook in a compound file ([MS-CFB])."""
    try:
        (sector_power,) = struct.unpack_from("<H", raw, 30)
        first_directory, _, cutoff, first_small = struct.unpack_from("<IIII", raw, 48)
    except struct.error as error:
        raise ValueError("it is cut off") from error
    if sector_power not in {9, 12}:
        raise ValueError(f"its sectors have two to the power of {sector_power} bytes")
    size = 1 << sector_power

    def sector(number: int) -> bytes:
        return raw[(number + 1) * size : (number + 2) * size]

    following = _numbers(b"".join(map(sector, _table_sectors(raw, size, sector))))
    entries = list(_entries(_chain(first_directory, following, sector)))
    found = next((entry for entry in entries[1:] if entry.name in WORKBOOK), None)
    if found is None:
        raise ValueError("there is no workbook in it")
    if found.length >= cutoff:
        return _chain(found.start, following, sector)[: found.length]
    small = _chain(entries[0].start, following, sector)
    following_small = _numbers(_chain(first_small, following, sector))

    def small_sector(number: int) -> bytes:
        return small[number * SMALL_BYTES : (number + 1) * SMALL_BYTES]

    return _chain(found.start, following_small, small_sector)[: found.length]


class _Entry(NamedTuple):
    name: str
    start: int
    length: int


def _entries(directory: bytes) -> Iterator[_Entry]:
    for at in range(0, len(directory) - ENTRY_BYTES + 1, ENTRY_BYTES):
        (name_bytes,) = struct.unpack_from("<H", directory, at + 64)
        name = directory[at : at + max(min(name_bytes, 64) - 2, 0)].decode("utf-16-le", errors="replace")
        yield _Entry(name, *struct.unpack_from("<II", directory, at + 116))


def _table_sectors(raw: bytes, size: int, sector: Callable[[int], bytes]) -> list[int]:
    """The sectors of the table that has the next sector of each."""
    listed = list(struct.unpack_from("<109I", raw, 76)) if len(raw) >= size else []
    following, count = struct.unpack_from("<II", raw, 68)
    for _ in range(min(count, len(raw) // size)):
        numbers = _numbers(sector(following))
        if not numbers:
            break
        listed += numbers[:-1]
        following = numbers[-1]
    return [number for number in listed if number < END_OF_CHAIN][: len(raw) // size]


def _numbers(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])


def _chain(number: int, following: tuple[int, ...], sector: Callable[[int], bytes]) -> bytes:
    """The content of a chain of sectors; each is read once, because the chain of a damaged file may be a circle."""
    found: list[bytes] = []
    seen: set[int] = set()
    while number < len(following) and number not in seen:
        seen.add(number)
        found.append(sector(number))
        number = following[number]
    return b"".join(found)
