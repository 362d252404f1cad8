"""Days of the ledger for tests: each builder makes a plausible one, and a test gives only what it is about."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from energytrack.ledger.correction import Correction
from energytrack.ledger.day import Day
from energytrack.ledger.local_days import midnight, quarter_count, utc
from testkit import dates

DAY: Final = dates.MONDAY
ZONE: Final = dates.PLANT_ZONE
FIRST_SEED: Final = dates.DAY.toordinal() - dates.DAYS_LATER
"""The random numbers are the same whatever the fixed day is."""


def a_column(count: int, value: float | dict[int, float]) -> tuple[float, ...]:
    """A column with one value throughout, or the values of some quarter hours and zero elsewhere."""
    if isinstance(value, dict):
        return tuple(value.get(index, 0.0) for index in range(count))
    return (value,) * count


def a_day(device_id: str = "cnc-0007", day: date = DAY, **fields: Any) -> Day:
    """A machine that used 2 kWh in each quarter hour, a fourth of it idle, all measured, at 0.25 a kilowatt hour."""
    count = quarter_count(day, ZONE)
    start = midnight(day, ZONE)
    columns = {
        "measured_kwh": 2.0, "bridged_kwh": 0.0, "estimated_kwh": 0.0, "suspect_kwh": 0.0,
        "idle_kwh": 0.5, "idle_estimated_kwh": 0.0,
        "measured_seconds": 900.0, "bridged_seconds": 0.0, "estimated_seconds": 0.0, "unknown_seconds": 0.0,
        "price_per_kwh": 0.25,
    }  # fmt: skip
    values: dict[str, Any] = {name: a_column(count, fields.pop(name, value)) for name, value in columns.items()}
    values |= {"device_type": "cnc_machine", "line": "machining-a", "price_version": "contract"}
    return Day(device_id=device_id, date=day, start=start, **({"through": start + 900 * count} | values | fields))


def a_correction(first: int = 0, count: int = 1, *, day: date = DAY, **fields: Any) -> Correction:
    """A decision about some quarter hours of that day, counted from 0."""
    start = utc(midnight(day, ZONE) + 900 * first)
    values: dict[str, Any] = {
        "correction_id": "01A", "device_id": "cnc-0007", "decision": "accept", "suspect_kwh": (),
        "before_kwh": 2.0, "after_kwh": 2.0, "reason": "seen on the meter", "decided_by": "grafana:maria",
        "role": "editor", "address": "127.0.0.1", "decided_at": dates.NOW,
    }  # fmt: skip
    return Correction(start=start, end=start + timedelta(seconds=900 * count), **(values | fields))


def a_press_day(
    device_id: str, day: date, *, off_shift: Sequence[bool], idle_kwh: float, seed: int = 1, **fields: Any
) -> Day:
    """A press that works in its shift and idles outside it, with about the given energy in each quarter hour."""
    rng = np.random.default_rng([seed, FIRST_SEED + (day - DAY).days])
    spread = 1.0 + 0.05 * float(rng.normal())
    idle = tuple(idle_kwh * spread if outside else 0.0 for outside in off_shift)
    work = tuple(0.0 if outside else 3.0 * float(rng.uniform(0.8, 1.2)) for outside in off_shift)
    used = tuple(rest + busy for rest, busy in zip(idle, work, strict=True))
    place = {"device_type": "press", "line": "press-shop"}
    return a_day(device_id, day, measured_kwh=dict(enumerate(used)), idle_kwh=dict(enumerate(idle)), **(place | fields))
