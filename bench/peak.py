"""The savings of the peak guard in a simulated month, compared with doing nothing and with a perfect forecast.

`python -m bench.peak` simulates two months of the example plant minute by minute: the first one gives the expected
peak, the second one is replayed three times. It prints two tables and stores them.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from bench import machine, sheet
from energytrack.fields import STATES
from energytrack.machines.power import power_watts
from energytrack.peak.replay import RecordedMonth, ReplayedMonth, Rules, errors_of, replay
from energytrack.peak.worth import DEFENDED_SHARE
from energytrack.plant import Plant, load_plant
from simulator.machines.rates import Rates
from simulator.plant.events import milliseconds
from simulator.plant.factory import Factory
from simulator.plant.opening import opening

START: Final = datetime(2026, 9, 1, tzinfo=UTC)
DAYS: Final = 60
PRICE_PER_KW: Final = 11.5
IDLE_MINUTES: Final = 5
MAY_WAIT: Final = {"shipping": 20.0, "drilling": 15.0}
"""The lines whose machines may wait, and for how long."""
IDLE: Final = STATES.index("idle")


def lived(plant: Plant, *, days: float, seed: int) -> RecordedMonth:
    """Simulate a plant at work for some days, minute by minute."""
    factory = Factory(plant, seed=seed, rates=Rates())
    devices = factory.fleet.devices
    ratings = [plant.types[device.device_type] for device in devices]
    watts_per_ampere = np.array([power_watts(1.0, rating) for rating in ratings])
    state = opening(factory, milliseconds(START))
    minutes = round(days * 1440)
    watts, idle = np.zeros((minutes, len(devices))), np.zeros((minutes, len(devices)), dtype=bool)
    for minute in range(minutes):
        before = state.machines.energy_kwh
        tick = factory.advance(state, state.at_ms + 60_000, quiet=True)
        state = tick.state
        watts[minute] = (state.machines.energy_kwh - before) * 60_000.0
        idle[minute] = tick.states == IDLE
    long_idle = idle.copy()
    for back in range(1, IDLE_MINUTES):
        long_idle[back:] &= idle[:-back]
    standby = watts_per_ampere * np.array([rating.standby_amperes for rating in ratings])
    longest = np.array([MAY_WAIT.get(device.line, 0.0) for device in devices])
    return RecordedMonth(watts, long_idle, standby, longest)


def half(month: RecordedMonth, *, first: bool) -> RecordedMonth:
    """The first or the second half of the time."""
    middle = len(month.watts) // 2
    stretch = slice(None, middle) if first else slice(middle, None)
    return RecordedMonth(month.watts[stretch], month.idle[stretch], month.standby, month.longest_minutes)


def main() -> None:
    """Simulate, replay, print and store."""
    parser = argparse.ArgumentParser(prog="python -m bench.peak", description=__doc__)
    parser.add_argument("--devices", type=int, default=60)
    parser.add_argument("--days", type=float, default=DAYS, help="both months together")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--reaction", type=int, default=2, help="minutes until the machines have stopped")
    options = parser.parse_args()
    facts = machine.facts()
    plant = load_plant(Path("plant.toml"), devices=options.devices)
    both = lived(plant, days=options.days, seed=options.seed)
    before, month = half(both, first=True), half(both, first=False)
    last = replay(before, Rules(float("inf"), PRICE_PER_KW, 0), "nothing").peak_kw
    rules = Rules(DEFENDED_SHARE * last, PRICE_PER_KW, options.reaction)
    nothing, guard, perfect = (replay(month, rules, who) for who in ("nothing", "guard", "perfect"))
    tables = [savings(nothing, guard, perfect, last), accuracy(both)]
    sheet.publish("peak", "./et bench.peak", facts, tables, sheet.wide_console())


def savings(nothing: ReplayedMonth, guard: ReplayedMonth, perfect: ReplayedMonth, last_kw: float) -> sheet.BenchTable:
    """The table of the three replays of the month."""
    rows = []
    for outcome in (nothing, guard, perfect):
        saved = nothing.cost - outcome.cost
        rows.append((
            outcome.who, f"{outcome.peak_kw:.1f}", f"{outcome.cost:,.2f}", f"{saved:,.2f}", f"{outcome.warned}",
            f"{outcome.needless}", f"{outcome.stops}", f"{outcome.waited_hours:.1f}",
        ))  # fmt: skip
    columns = ("", "peak, kW", "costs, EUR", "saves, EUR", "warnings", "needless", "stops", "waited, machine hours")
    return sheet.BenchTable(
        f"A month at {PRICE_PER_KW} EUR/kW, after one with a peak of {last_kw:.1f} kW", columns, tuple(rows)
    )


def accuracy(month: RecordedMonth) -> sheet.BenchTable:
    """The table of the forecast's errors."""
    rows = [(f"{minute}", f"{error:.2f}", f"{within:.0%}") for minute, error, within in errors_of(month)]
    return sheet.BenchTable(
        "The forecast by minute", ("minute", "mean absolute error, kW", "within the interval"), tuple(rows)
    )


if __name__ == "__main__":
    main()
