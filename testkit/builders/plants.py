"""Simulated plants for tests: small ones from the project's own plant file, with the faults that a test needs."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from energytrack.plant import Plant, load_plant
from simulator.machines.rates import Rates
from simulator.plant.events import milliseconds
from simulator.plant.factory import Factory, FactoryState, Tick
from testkit.dates import at_plant

PLANT_FILE = Path(__file__).parents[2] / "plant.toml"
MONDAY = at_plant("mon", "10:30")
"""A time in the early shift, between two breaks."""
NIGHT = at_plant("tue", "02:00")

SOUND = Rates(
    wear_speed=0,
    onset_speed=0,
    sudden_per_year=0,
    meaningless_per_day=0,
    planned_days=1e6,
    lost_per_day=0,
    stuck_per_day=0,
    spiking_per_day=0,
    drifting_per_day=0,
)
"""Rates without any faults."""


@lru_cache
def a_plant(devices: int = 12) -> Plant:
    """The example plant, scaled down."""
    return load_plant(PLANT_FILE, devices=devices)


def a_factory(devices: int = 12, *, seed: int = 7, rates: Rates = SOUND) -> Factory:
    """A small plant in which nothing fails, except as given by `rates`."""
    return Factory(a_plant(devices), seed=seed, rates=rates)


def ticks(factory: Factory, state: FactoryState, count: int, *, seconds: float = 1.0, **how: Any) -> Iterator[Tick]:
    """The plant's next ticks."""
    for _ in range(count):
        tick = factory.advance(state, state.at_ms + round(seconds * 1000), **how)
        state = tick.state
        yield tick


def last(steps: Iterator[Tick]) -> Tick:
    """The last tick of some."""
    *_, tick = steps
    return tick


def opened(factory: Factory, at: datetime = MONDAY) -> FactoryState:
    """The state of a plant at its start."""
    return factory.opened(milliseconds(at))


def a_plant_file(folder: Path, *replacements: tuple[str, str]) -> Path:
    """The example plant file with some of its text replaced."""
    text = PLANT_FILE.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "plant.toml"
    path.write_text(text, encoding="utf-8")
    return path


def never_at_rest(file: Path) -> Path:
    """The example plant file, with lines that work day and night, without breaks and holidays.

    For services that run on the real clock: a machine is at work whenever the test runs.
    """
    text = PLANT_FILE.read_text(encoding="utf-8")
    text = re.sub(r"days = \[.*?\]", 'days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]', text)
    text = re.sub(r"^breaks = .*", "breaks = []", text, flags=re.MULTILINE)
    text = re.sub(r"^shifts = \[.*\]", 'shifts = ["early", "late", "night"]', text, flags=re.MULTILINE)
    text = re.sub(r"^holidays = .*", "", text, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    return file


SPOT: Final = (
    "# --- The quarter hour that costs",
    """[[tariff.versions]]
valid_from = 2000-01-01
market_prices = "imported"
bands = [{ name = "margin", price_per_kwh = 0.02 }]

# --- The quarter hour that costs""",
)
"""A replacement for `a_plant_file`: a contract with imported prices."""
