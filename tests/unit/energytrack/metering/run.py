"""Meters fed with rows of registers: what a machine sent in, what the meter counts out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from energytrack.machines.power import JOULES_PER_KWH
from energytrack.messages import Reading
from energytrack.metering.limits import Limits, limits_of
from energytrack.metering.step import step
from energytrack.metering.values import CoverageSpan, EnergyPart, Meter, MeterFinding
from testkit.builders.messages import NOW, a_reading
from tests.unit.energytrack.machines.test_power import RATING

LISTED = limits_of(RATING)
UNLISTED = limits_of(None)
BOTH = {"listed": LISTED, "unlisted": UNLISTED}
AMPERES_AT_8_KW = 8000.0 / 588.8972745734183
"""A machine of 14 kW that draws 8 kW, at 400 V and a power factor of 0.85."""


@dataclass(frozen=True)
class MeterRun:
    """What a meter made of readings."""

    meter: Meter
    parts: Sequence[EnergyPart]
    covers: Sequence[CoverageSpan]
    findings: Sequence[MeterFinding]

    @property
    def billed(self) -> float:
        """Kilowatt hours since the first reading."""
        return (self.meter.totals.billed - self.meter.totals.opening) / JOULES_PER_KWH

    def kwh(self, verdict: str) -> float:
        return sum(part.joules for part in self.parts if part.verdict == verdict) / JOULES_PER_KWH

    def seconds(self, basis: str) -> float:
        return sum(cover.end - cover.start for cover in self.covers if cover.basis == basis)

    @property
    def reasons(self) -> list[str]:
        return [finding.reason for finding in self.findings]


def fed(
    readings: Iterable[Reading], limits: Limits = LISTED, meter: Meter | None = None, *, stored: bool = False
) -> MeterRun:
    """Readings folded one by one; `stored`: through the store and back after each, as a killed service would."""
    parts: list[EnergyPart] = []
    covers: list[CoverageSpan] = []
    findings: list[MeterFinding] = []
    for reading in readings:
        taken = step(meter, reading, limits)
        meter = taken.meter
        if stored:
            meter = msgspec.json.decode(msgspec.json.encode(meter), type=Meter)
        parts += taken.parts
        covers += taken.covers
        findings += taken.findings
    assert meter is not None
    return MeterRun(meter, parts, covers, findings)


def registers(*values: float | None, every: float = 60.0, **fields: Any) -> list[Reading]:
    """Readings some seconds apart."""
    return at_times([(every * n, kwh) for n, kwh in enumerate(values)], **fields)


def at_times(values: Iterable[tuple[float, float | None]], **fields: Any) -> list[Reading]:
    """Readings at seconds after NOW."""
    return [a_reading(timestamp=NOW + timedelta(seconds=seconds), energy_kwh=kwh, **fields) for seconds, kwh in values]


def steady(
    kw: float, *, start: float, seconds: float, resolution: float, refresh: float = 1.0, every: float = 1.0,
    offset: float = 0.0, factor: float = 1.0, **fields: Any,
) -> list[Reading]:  # fmt: skip
    """A machine at constant power; its register is refreshed at times, and cut off to its resolution."""
    readings = []
    for n in range(int(seconds / every) + 1):
        at = n * every
        refreshed = (at + offset) // refresh * refresh - offset
        true = start * factor + kw * refreshed / 3600.0 * factor
        readings.append((at, round(int(true / resolution + 1e-9) * resolution, 6)))
    return at_times(readings, **({"current": AMPERES_AT_8_KW * kw / 8.0} | fields))
