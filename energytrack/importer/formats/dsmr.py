"""DSMR telegrams of Dutch, Belgian and Luxembourgish meters, one after the other in a file: their registers.

Written here: of the library dsmr-parser, which talks to serial ports, only the lines below would be used.
"""

import re
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from energytrack.importer.cells.units import ENERGY, identifier
from energytrack.importer.choices import FileFinding, UnreadableFile
from energytrack.importer.content import Content, Signals, differences

_CLOCK: Final = re.compile(r"^0-0:1\.0\.0\((\d{12})([SW])\)", re.M)
_METER: Final = re.compile(r"^0-0:96\.1\.1\(([0-9A-Fa-f]*)\)", re.M)
_TAKEN: Final = re.compile(r"^1-0:1\.8\.(\d)\((\d+\.?\d*)\*(\w+)\)", re.M)
_CHECKSUM: Final = re.compile(r"!([0-9A-F]{4})\s*$")


def is_dsmr(head: str) -> bool:
    """Whether a text begins like a telegram."""
    return re.match(r"\s*/\w{3}\d", head.lstrip("\ufeff")) is not None


def read_dsmr(text: str, name: str) -> Content:
    """The register of each meter (the sum of its tariffs) at each telegram; raises UnreadableFile."""
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    damaged = telegrams = 0
    for telegram in re.split(r"(?m)^(?=/\w{3}\d)", text.replace("\r\n", "\n")):
        if not telegram.strip():
            continue
        telegrams += 1
        if not _is_whole(telegram):
            damaged += 1
            continue
        clock, registers = _CLOCK.search(telegram), _TAKEN.findall(telegram)
        if clock is None or not registers:
            damaged += 1
            continue
        by_tariff = {tariff: float(value) * ENERGY.get(unit.lower(), 1.0) for tariff, value, unit in registers}
        total = by_tariff.get("0", sum(value for tariff, value in by_tariff.items() if tariff != "0"))
        try:
            at_ms = _at_ms(*clock.groups())
        except ValueError:  # 31 June, or an odd number of digits
            damaged += 1
            continue
        found[_meter(telegram)].append((at_ms, total))
    if not found:
        raise UnreadableFile(name, "no telegram in it has a time and a register (1-0:1.8.x)")
    energy, signals = {}, {}
    findings = [
        FileFinding("format", "DSMR", "it begins as a telegram does"),
        FileFinding("zone", "UTC+1, UTC+2", "each time says whether it is winter or summer time (W, S)"),
        FileFinding("values", "register", "1-0:1.8.x; the tariffs are added"),
    ]
    if damaged:
        findings.append(
            FileFinding("damaged", str(damaged), "telegrams with a wrong checksum, or cut off, are left out")
        )
    for meter, values in found.items():
        ordered = dict(sorted(values))
        at, kwh = np.array(list(ordered), dtype=np.int64), np.array(list(ordered.values()))
        signals[meter] = Signals(at, {"energy_kwh": kwh})
        energy[meter], notes = differences(at, kwh)
        findings += notes
    return Content(name, energy, signals, findings=tuple(findings), rows=telegrams)


def _is_whole(telegram: str) -> bool:
    """Whether it is complete, and its checksum, if any, is right (CRC-16/ARC over the telegram with its line ends)."""
    end = telegram.find("!")
    if end < 0:
        return False
    checksum = _CHECKSUM.search(telegram[end : end + 6].strip())
    return checksum is None or int(checksum.group(1), 16) == crc16(telegram[: end + 1].replace("\n", "\r\n").encode())


def crc16(content: bytes) -> int:
    """CRC-16/ARC."""
    crc = 0
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def _meter(telegram: str) -> str:
    match = _METER.search(telegram)
    if match is None or not match.group(1):
        return "meter"
    return identifier(bytes.fromhex(match.group(1)).decode("ascii", errors="ignore"))


def _at_ms(digits: str, season: str) -> int:
    at = datetime.strptime(digits + "+0000", "%y%m%d%H%M%S%z") - timedelta(hours=2 if season == "S" else 1)
    return round(at.timestamp() * 1000)
