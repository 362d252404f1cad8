"""NEM12, the interval data of Australian meters: records 200 (a meter's channel) and 300 (a day).

Written here, because it is 60 lines: the library nemreader brings a database and a command line along. Times are the
market's, UTC+10 all year; a value belongs to the interval that begins there.
"""

from collections import defaultdict
from typing import Final

import numpy as np

from energytrack.importer.cells.units import ENERGY, identifier
from energytrack.importer.choices import FileFinding, UnreadableFile
from energytrack.importer.content import Content, Energy, Floats, Ints

MARKET_MS: Final = 10 * 3_600_000
_KEY = tuple[str, str]


def is_nem12(head: str) -> bool:
    """Whether a text begins like such a file."""
    return head.lstrip("\ufeff\"' ").upper().startswith("100,NEM12")


def read_nem12(text: str, name: str) -> Content:
    """The energy taken from the grid (channels E…) by meter; raises UnreadableFile."""
    days: dict[_KEY, list[tuple[int, int, list[float]]]] = defaultdict(list)
    left_out: set[str] = set()
    key, factor, minutes, quality = None, 1.0, 30, 0
    for number, line in enumerate(text.splitlines(), 1):
        cells = line.split(",")
        try:
            match cells[0]:
                case "200":
                    nmi, suffix, unit, minutes = cells[1], cells[4], cells[7].lower(), _minutes(cells[8])
                    if suffix.upper().startswith("E") and unit in ENERGY:
                        key, factor = (nmi, suffix), ENERGY[unit]
                    else:
                        key = None
                        left_out.add(suffix)
                case "300" if key is not None:
                    count = 1440 // minutes
                    values = [float(cell) * factor for cell in cells[2 : 2 + count]]
                    days[key].append((_day_ms(cells[1]), minutes, values))
                    quality += cells[2 + count][:1] not in {"A", "V"}
                case _:
                    pass
        except (ValueError, IndexError) as error:
            raise UnreadableFile(name, f"line {number} is not a NEM12 record: {error}") from error
    energy = {}
    for nmi in sorted({nmi for nmi, _ in days}):
        parts = [_energy(days[key]) for key in days if key[0] == nmi]
        energy[identifier(nmi)] = _together(parts)
    findings = [
        FileFinding("format", "NEM12", "the first record says so"),
        FileFinding("zone", "UTC+10", "the market's time has no summer time"),
        FileFinding("labels", "begin", "as NEM12 defines it"),
    ]
    if left_out:
        findings.append(
            FileFinding("left out", ", ".join(sorted(left_out)), "channels of other quantities, or fed back")
        )
    if quality:
        findings.append(
            FileFinding("quality", str(quality), f"{quality:,} days are substituted or estimated by the supplier")
        )
    rows = sum(len(values) for of_key in days.values() for _, _, values in of_key)
    return Content(name, energy, findings=tuple(findings), rows=rows)


def _minutes(cell: str) -> int:
    minutes = int(cell)
    if minutes not in {5, 15, 30, 60}:
        raise ValueError(f"its interval is {minutes} minutes")
    return minutes


def _day_ms(cell: str) -> int:
    day = np.datetime64(f"{cell[:4]}-{cell[4:6]}-{cell[6:8]}", "ms")
    return int(day.astype(np.int64)) - MARKET_MS


def _energy(days: list[tuple[int, int, list[float]]]) -> Energy:
    start = np.concatenate([at + np.arange(len(values)) * minutes * 60_000 for at, minutes, values in days])
    end = np.concatenate([at + (np.arange(len(values)) + 1) * minutes * 60_000 for at, minutes, values in days])
    kwh = np.concatenate([values for _, _, values in days])
    _, last = np.unique(start[::-1], return_index=True)  # a repeated day was corrected: the later one counts
    keep = len(start) - 1 - last
    return Energy(start[keep].astype(np.int64), end[keep].astype(np.int64), kwh[keep])


def _together(parts: list[Energy]) -> Energy:
    """The sum of a meter's channels."""
    starts: Ints = np.unique(np.concatenate([part.start_ms for part in parts]))
    kwh: Floats = np.zeros(len(starts))
    ends: Ints = np.zeros(len(starts), dtype=np.int64)
    for part in parts:
        places = np.searchsorted(starts, part.start_ms)
        kwh[places] += part.kwh
        ends[places] = part.end_ms
    return Energy(starts, ends, kwh)
