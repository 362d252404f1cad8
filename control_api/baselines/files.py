"""Reads a file of variables over time as values by day, in the plant's zone."""

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from control_api.http.problems import Problem
from energytrack.importer.choices import Choices, NotProved, UnreadableFile
from energytrack.ledger.local_days import date_at

WHOSE: Final = "plant"
"""Variables are of no machine; the importer wants one."""


class FileRules(Protocol):
    """How a file is read, and how several values of a day are combined."""

    @property
    def together(self) -> str: ...
    @property
    def zone(self) -> str | None: ...
    @property
    def date_order(self) -> str | None: ...
    @property
    def decimal(self) -> str | None: ...


def variables_of(raw: bytes, reading: FileRules, *, zone: ZoneInfo) -> Mapping[str, Mapping[date, float]]:
    """The values of each column; raises Problem. Times without a zone are in the plant's zone."""
    from energytrack.importer.reader import read_bytes  # noqa: PLC0415  # pandas, half a second of imports

    choices = Choices(
        device=WHOSE,
        zone=reading.zone or zone.key,
        date_order=reading.date_order,
        decimal=reading.decimal,
        parts="",  # a variable as any other
        price="",
    )
    try:
        content = read_bytes(raw, "the file", choices, plant_zone=zone.key)
    except (NotProved, UnreadableFile) as error:
        raise Problem("unreadable_file", str(error)) from error
    values_of: dict[str, Mapping[date, float]] = {}
    for signals in content.signals.values():
        days = [date_at(ms / 1000, zone) for ms in signals.at_ms]
        for name, column in signals.values.items():
            by_day: dict[date, list[float]] = defaultdict(list)
            for day, value in zip(days, column, strict=True):
                if math.isfinite(value):
                    by_day[day].append(float(value))
            values_of[name] = {
                day: sum(values) if reading.together == "sum" else sum(values) / len(values)
                for day, values in by_day.items()
            }
    if not any(values_of.values()):
        raise Problem("unreadable_file", "The file has no column of numbers beside its times.")
    return values_of
