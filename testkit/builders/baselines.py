"""Days of energy and tables for tests of baselines: seeded, so that they are the same in every run."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from energytrack.baselines.energy import DayEnergy
from energytrack.baselines.observations import DayObservation, ObservationTable
from energytrack.baselines.regression import fit
from energytrack.baselines.validity import checks_of
from energytrack.store.energy.baselines import Baseline
from energytrack.store.energy.measures import Measure, MeasureChange
from testkit import dates

FIRST: Final = dates.MONDAY - timedelta(days=200)


def a_day_energy(kwh: float = 100.0, **fields: Any) -> DayEnergy:
    """A fully metered day at 0.25 a kilowatt hour."""
    values: dict[str, Any] = {
        "estimated_kwh": 0.0, "idle_kwh": kwh / 4, "known_ratio": 1.0, "price_per_kwh": 0.25, "hours": 24.0,
        "hours_in_operation": 12.0, "parts": None,
    }  # fmt: skip
    return DayEnergy(kwh=kwh, **(values | fields))


def noise(count: int, *, seed: int, lag1: float = 0.0) -> NDArray[np.float64]:
    """Standard normal values, each correlated with the one before."""
    rng = np.random.default_rng(seed)
    values = [float(rng.normal())]
    for _ in range(count - 1):
        values.append(lag1 * values[-1] + math.sqrt(1.0 - lag1**2) * float(rng.normal()))
    return np.array(values)


def a_table(columns: Mapping[str, Sequence[float]], kwh: Sequence[float], *, first: date = FIRST) -> ObservationTable:
    """A table with a day for each value."""
    rows = tuple(
        DayObservation(
            first + timedelta(days=place), float(used), tuple(float(c[place]) for c in columns.values()), 0.25
        )
        for place, used in enumerate(kwh)
    )
    return ObservationTable(tuple(columns), rows)


def a_plant_of_presses(days: int = 90, *, seed: int = 7, lag1: float = 0.3, saved: float = 0.0) -> ObservationTable:
    """200 kWh a day and half a kilowatt hour per part, less what is saved; a day is off by 20 kWh."""
    parts = np.random.default_rng(seed).uniform(0.0, 1000.0, days)
    return a_table(
        {"parts": parts.tolist()}, (200.0 - saved + 0.5 * parts + 20.0 * noise(days, seed=seed + 1, lag1=lag1)).tolist()
    )


def a_baseline(**fields: Any) -> Baseline:
    """A baseline of a press, outside its shift, before the day of the tests."""
    table = a_plant_of_presses(56)
    fitted = fit(table)
    values: dict[str, Any] = {
        "baseline_id": "01A", "version": 1, "name": "press-0003 out of shift", "device_id": "press-0003",
        "hours": "off_shift", "first": dates.DAY - timedelta(days=56), "last": dates.DAY - timedelta(days=1),
        "offered": ("parts",), "fit": fitted, "checks": checks_of(fitted, table), "idle_kwh_per_day": 40.0,
        "note": "the first", "made_by": "grafana:maria", "role": "Editor", "address": "127.0.0.1", "made_at": dates.NOW,
    }  # fmt: skip
    return Baseline(**(values | fields))


def a_measure(**fields: Any) -> Measure:
    """A measure: a press is shut down after work."""
    opened = MeasureChange(dates.NOW, "opened", "grafana:maria", "Editor", "127.0.0.1", "idle at night")
    values: dict[str, Any] = {
        "measure_id": "01M", "name": "press-0003 off after work", "baseline_id": "01A",
        "device_id": "press-0003", "recommendation": "scheduled_shutdown", "schedule_id": "01S",
        "start": dates.DAY + timedelta(days=1), "expected_kwh_per_day": 40.0, "expected_cost_per_day": 10.0,
        "log": (opened,),
    }  # fmt: skip
    return Measure(**(values | fields))
