"""Green Button (ESPI): interval blocks in Atom, as North American utilities export them."""

from typing import Final
from xml.etree import ElementTree as ET

import numpy as np

from energytrack.importer.cells.units import identifier
from energytrack.importer.choices import FileFinding, UnreadableFile
from energytrack.importer.content import Content, Energy

_NS: Final = "{http://naesb.org/espi}"
_ATOM: Final = "{http://www.w3.org/2005/Atom}"
WATT_HOURS: Final = "72"
"""`uom` of the readings."""
BACKWARD: Final = "19"
"""`flowDirection` of energy that is fed back."""


def is_espi(head: str) -> bool:
    """Whether a text is in this format."""
    return "naesb.org/espi" in head


def read_espi(text: str, name: str, most_elements: int = 8_000_000) -> Content:
    """The energy of each meter reading; raises UnreadableFile, also for more elements than memory should hold."""
    if text.count("<") + text.count("=") > most_elements:
        raise UnreadableFile(name, f"it has more than {most_elements:,} elements: ask for a shorter period")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnreadableFile(name, "it declares its own entities, which no Green Button file does")
    try:
        root = ET.fromstring(text.lstrip("\ufeff").strip().encode())  # noqa: S314  # entities are refused above
    except ET.ParseError as error:
        raise UnreadableFile(name, f"it is not XML: {error}") from error
    try:
        return _content_of(root, name)
    except (ValueError, OverflowError) as error:
        raise UnreadableFile(name, f"a number in it is not valid: {error}") from error


def _content_of(root: "ET.Element", name: str) -> Content:
    exponent, energy_kind, left_out = 0, True, 0
    rows: dict[int, tuple[int, float]] = {}
    title = ""
    for entry in root.iter(f"{_ATOM}entry"):
        kind = entry.find(f".//{_NS}ReadingType")
        if kind is not None:
            exponent = int(kind.findtext(f"{_NS}powerOfTenMultiplier", "0"))
            energy_kind = kind.findtext(f"{_NS}uom", WATT_HOURS) == WATT_HOURS
            energy_kind &= kind.findtext(f"{_NS}flowDirection", "1") != BACKWARD
        if entry.find(f".//{_NS}UsagePoint") is not None:
            title = entry.findtext(f"{_ATOM}title", "") or title
        for reading in entry.iter(f"{_NS}IntervalReading"):
            if not energy_kind:
                left_out += 1
                continue
            start = int(reading.findtext(f"{_NS}timePeriod/{_NS}start", "0"))
            seconds = int(reading.findtext(f"{_NS}timePeriod/{_NS}duration", "0"))
            rows[start * 1000] = (seconds * 1000, float(reading.findtext(f"{_NS}value", "nan")) * 10.0**exponent / 1000)
    if not rows:
        raise UnreadableFile(name, "no interval in it has energy that was used")
    ordered = sorted(rows)
    starts = np.array(ordered, dtype=np.int64)
    ends = starts + np.array([rows[at][0] for at in ordered], dtype=np.int64)
    kwh = np.array([rows[at][1] for at in ordered])
    findings = [
        FileFinding("format", "Green Button", "its namespace is ESPI's"),
        FileFinding("zone", "UTC", "times count seconds since 1970"),
        FileFinding("labels", "begin", "each interval has its start and duration"),
        FileFinding("unit", "Wh", f"as the reading's type says, times ten to the power of {exponent}"),
    ]
    if left_out:
        findings.append(FileFinding("left out", str(left_out), "intervals of other quantities, or of energy fed back"))
    machine = identifier(title or name.rpartition(".")[0] or name)
    return Content(name, {machine: Energy(starts, ends, kwh)}, findings=tuple(findings), rows=len(rows))
