"""The number of cells and the size of texts in an XLS, counted in its records before it is opened."""

import struct
from collections import Counter
from collections.abc import Sequence
from typing import Final

from energytrack.importer.formats.extent import Extent
from energytrack.importer.formats.records import records_of_xls

BEGINNING: Final = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
DIMENSIONS: Final = frozenset({0x0000, 0x0200})
CELLS: Final = frozenset({
    0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x0206, 0x0406, 0x00D6, 0x00FD,
    0x027E,
})  # fmt: skip
"""Each begins with its row and its column."""
SEVERAL: Final = frozenset({0x00BD, 0x00BE})
"""Adjacent cells: row, first column, …, last column."""
SHARED: Final = 0x00FD
STRINGS: Final = 0x00FC
CONTINUED: Final = 0x003C
LONGEST_TEXT: Final = 65_535
"""The most letters of a cell."""
LETTER_BYTES: Final = 3
"""Bytes in memory of a letter that has two bytes in the file."""


def extent_of_xls(raw: bytes) -> Extent:
    """The size of all sheets; raises ValueError if it is not such a workbook."""
    whole = rows = columns = claimed = 0
    shown: Counter[int] = Counter()
    strings: list[bytes] = []
    is_continued = False
    for kind, record in records_of_xls(raw):
        is_continued = kind == STRINGS or (kind == CONTINUED and is_continued)
        if is_continued:
            strings.append(record)
        elif kind in BEGINNING:
            whole += max(rows * columns, claimed)
            rows = columns = claimed = 0
        elif kind in DIMENSIONS:
            claimed = max(claimed, _claimed(record))
        elif kind in CELLS and len(record) >= 4:
            row, column = struct.unpack_from("<HH", record)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if kind == SHARED and len(record) >= 10:
                shown.update(struct.unpack_from("<I", record, 6))
        elif kind in SEVERAL and len(record) >= 6:
            (row,), (last,) = struct.unpack_from("<H", record), struct.unpack_from("<H", record, len(record) - 2)
            rows, columns = max(rows, row + 1), max(columns, last + 1)
    letters = _letters(strings)
    text = sum(count * (letters[index] if index < len(letters) else LONGEST_TEXT) for index, count in shown.items())
    return Extent(whole + max(rows * columns, claimed), LETTER_BYTES * text)


def _letters(pieces: Sequence[bytes]) -> list[int]:
    """The number of letters of each shared text ([MS-XLS] 2.4.265), up to where their list is damaged."""
    lengths: list[int] = []
    place, at = 0, 8
    while place < len(pieces):
        if at + 3 > len(pieces[place]):
            place, at = place + 1, 0
            continue
        letters, flags = struct.unpack_from("<HB", pieces[place], at)
        at += 3
        behind = 0
        for bit, form, each in ((8, "<H", 4), (4, "<I", 1)):  # its fonts, and how Japanese is read
            if flags & bit and at + struct.calcsize(form) <= len(pieces[place]):
                behind += each * struct.unpack_from(form, pieces[place], at)[0]
                at += struct.calcsize(form)
        lengths.append(letters)
        while letters:
            width = 1 + (flags & 1)
            here = min(letters, (len(pieces[place]) - at) // width)
            letters, at = letters - here, at + here * width
            if letters:
                place, at = place + 1, 1
                if place >= len(pieces) or not pieces[place]:
                    return lengths
                flags = pieces[place][0]
        while behind and place < len(pieces):
            here = min(behind, len(pieces[place]) - at)
            behind, at = behind - here, at + here
            if behind:
                place, at = place + 1, 0
    return lengths


def _claimed(record: bytes) -> int:
    """The number of cells that a sheet declares: memory for them is allocated at once."""
    if len(record) >= 14:
        top, bottom, left, right = struct.unpack_from("<IIHH", record)
    elif len(record) >= 8:
        top, bottom, left, right = struct.unpack_from("<HHHH", record)
    else:
        return 0
    return int(max(bottom - top, 0) * max(right - left, 0))
