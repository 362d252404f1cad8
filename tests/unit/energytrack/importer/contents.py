"""What a file says, as the tests of the reader ask for it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from energytrack.importer.choices import Choices
from energytrack.importer.content import Content, Energy
from energytrack.importer.reader import read_bytes
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, DAY

BEFORE_BACK = CLOCKS_BACK - timedelta(days=1)
BEFORE_FORWARD = CLOCKS_FORWARD - timedelta(days=1)
WINTER = date(DAY.year, 1, 13)
"""A day that proves the order of day and month."""


def read(text: str | bytes, name: str = "meter.csv", **choices: Any) -> Content:
    raw = text.encode() if isinstance(text, str) else text
    return read_bytes(raw, name, Choices(**choices), plant_zone="Europe/Berlin")


def only(content: Content) -> Energy:
    (energy,) = content.energy.values()
    return energy


def found(content: Content, what: str) -> str | None:
    return next(finding.value for finding in content.findings if finding.what == what)


def begins(energy: Energy) -> list[datetime]:
    return [datetime.fromtimestamp(ms / 1000, UTC) for ms in energy.start_ms.tolist()]
