"""How well cycles are found in the current: of simulated machines, whose parts are known, and of recorded ones.

`python -m bench.cycles` simulates some hours of a shift, second by second, looks at the current as readings of 1, 2, 5
and 10 seconds show it, and compares. With `--recording DIR` it reports cycles of any length that it finds in machines
that make no parts. It prints tables and stores them.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench import machine, sheet
from energytrack.metering.quarters import QUARTER_SECONDS, QUARTERS_PER_HOUR
from energytrack.plant import Plant, load_plant
from energytrack.production.current_cycles import Cycle, cycles_in, evenly
from energytrack.production.estimating import LEAST_CONFIDENCE
from energytrack.recording import read_recording
from simulator.machines.rates import Rates
from simulator.plant.events import milliseconds
from simulator.plant.factory import Factory
from simulator.plant.opening import opening

START: Final = datetime(2026, 11, 24, 9, tzinfo=UTC)
SWINGS: Final = (0.0, 0.3, 0.6, 1.0)
STEPS: Final = (1, 2, 5, 10)
IDEALS: Final = (5.0, 9.0, 18.0, 40.0, 60.0, 95.0)
HOUR: Final = QUARTERS_PER_HOUR * QUARTER_SECONDS
Floats = NDArray[np.float64]


class SimulatedHours(NamedTuple):
    """Some hours of a plant, second by second: float64[seconds, machines]."""

    plant: Plant
    device_types: Sequence[str]
    current: Floats
    parts: Floats
    """The counters, which the finder does not see."""
    cycle_seconds: Floats
    idle_amperes: Floats


class Found(NamedTuple):
    """The results of some machines."""

    quarters: int
    """Quarter hours in which they made parts."""
    answered: int
    """Those of them with reliable cycles."""
    true: float
    """Parts of the answered quarter hours."""
    estimated: float
    matched: int
    """Cycles that match a part, each a different one."""
    cycles: int


def a_plant(devices: int, swing: float) -> Plant:
    """The example plant, whose load falls by `swing` while parts are changed."""
    text = Path("plant.toml").read_text(encoding="utf-8").replace("job_load =", f"cycle_swing = {swing}\njob_load =")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plant.toml"
        file.write_text(text, encoding="utf-8")
        return load_plant(file, devices=devices)


def lived(plant: Plant, *, hours: int, seed: int) -> SimulatedHours:
    """Simulate a plant at work."""
    factory = Factory(plant, seed=seed, rates=Rates())
    state = opening(factory, milliseconds(START))
    current, parts = (np.empty((hours * 3600, len(factory.fleet))) for _ in range(2))
    for second in range(len(current)):
        tick = factory.advance(state, state.at_ms + 1000, quiet=True)
        state = tick.state
        current[second], parts[second] = tick.values[2], state.output.parts
    limits = [plant.limits(each.device_id, each.device_type).idle_amperes for each in factory.fleet.devices]
    idle = np.array([np.nan if each is None else each[1] for each in limits])
    return SimulatedHours(
        plant, [each.device_type for each in factory.fleet.devices], current, parts, factory.fleet.cycle_seconds, idle
    )


def found(shift: SimulatedHours, device_type: str, step: int) -> Found:
    """The results of a type's machines, read every `step` seconds, hour by hour."""
    quarters = answered = matched = cycles = 0
    true = estimated = 0.0
    for index in (i for i, kind in enumerate(shift.device_types) if kind == device_type):
        made = np.flatnonzero(np.diff(shift.parts[:, index])) + 1.0
        for hour in range(1, len(shift.current) // 3600):
            start = hour * HOUR
            seen = np.arange(start - QUARTER_SECONDS, min(start + HOUR + 120.0, len(shift.current)), step)
            amperes = shift.current[seen.astype(np.int64), index]
            looked_at = list(_reliable(seen, amperes, shift, index))
            for since in np.arange(start, start + HOUR, QUARTER_SECONDS).tolist():
                of_quarter = made[(made >= since) & (made < since + QUARTER_SECONDS)]
                if not len(of_quarter):
                    continue
                quarters += 1
                own = _of(looked_at, since)
                if own is None:
                    continue
                answered += 1
                true += len(of_quarter)
                estimated += sum(each.share for each in own)
                cycles += len(own)
                matched += _matched([each.start for each in own], made.tolist(), shift.cycle_seconds[index])
    return Found(quarters, answered, true, estimated, matched, cycles)


def _reliable(at: Floats, amperes: Floats, shift: SimulatedHours, index: int) -> Iterator[tuple[Cycle, float]]:
    """Cycles with the confidence of their quarter hour."""
    working = amperes > shift.idle_amperes[index]
    for samples in evenly(at.astype(np.float64), amperes, working):
        result = cycles_in(samples, float(shift.cycle_seconds[index]))
        if result is not None:
            for each in result.cycles:
                since = each.start // QUARTER_SECONDS * QUARTER_SECONDS
                yield each, result.confidence(since, since + QUARTER_SECONDS)


def _of(looked_at: Sequence[tuple[Cycle, float]], since: float) -> list[Cycle] | None:
    own = [(each, sure) for each, sure in looked_at if since <= each.start < since + QUARTER_SECONDS]
    if not own or min(sure for _, sure in own) < LEAST_CONFIDENCE:
        return None
    return [each for each, _ in own]


def _matched(starts: Sequence[float], made: Sequence[float], cycle_seconds: float) -> int:
    """How many cycles begin within half a cycle of the end of the one before; each part counts once."""
    free = list(made)
    count = 0
    for start in starts:
        near = min(free, key=lambda at: abs(at - start), default=None)
        if near is not None and abs(near - start) <= cycle_seconds / 2.0:
            free.remove(near)
            count += 1
    return count


def table(shift: SimulatedHours, swing: float) -> sheet.BenchTable:
    """The table of all types at one swing."""
    rows = []
    for device_type in sorted(set(shift.device_types)):
        for step in STEPS:
            all_ = found(shift, device_type, step)
            precision = f"{all_.matched / all_.cycles:.1%}" if all_.cycles else "-"
            recall = f"{all_.matched / all_.true:.1%}" if all_.true else "-"
            error = f"{all_.estimated / all_.true - 1.0:+.1%}" if all_.true else "-"
            rows.append((device_type, f"{step}", f"{all_.answered} of {all_.quarters}", precision, recall, error))
    columns = ("type", "seconds between readings", "quarter hours answered", "precision", "recall", "parts, error")
    return sheet.BenchTable(f"The load falls by {swing:.0%} within a cycle", columns, tuple(rows))


def of_recording(folder: Path) -> sheet.BenchTable:
    """The table of machines that make no parts: every cycle found is wrong."""
    recording = read_recording(folder)
    rows = []
    for ideal in IDEALS:
        pieces = reliable = 0
        best = 0.0
        for index in range(len(recording.devices)):
            own = recording.device == index
            at = recording.timestamp[own] / 1000.0
            amperes = recording.values["current"][own].astype(np.float64)
            for samples in evenly(at, amperes, np.ones(len(at), dtype=np.bool_)):
                pieces += 1
                result = cycles_in(samples, ideal)
                sure = 0.0 if result is None else result.confidence(-np.inf, np.inf)
                best = max(best, sure)
                reliable += sure >= LEAST_CONFIDENCE
        rows.append((f"{ideal:g}", f"{pieces}", f"{reliable}", f"{best:.2f}"))
    columns = ("cycle looked for, s", "runs", "runs with cycles", "highest confidence")
    return sheet.BenchTable(f"{recording.name}: machines without cycles", columns, tuple(rows))


def main() -> None:
    """Simulate, look, print and store."""
    parser = argparse.ArgumentParser(prog="python -m bench.cycles", description=__doc__)
    parser.add_argument("--devices", type=int, default=30)
    parser.add_argument("--hours", type=int, default=3)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--recording", type=Path, help="also look at the machines of this recording")
    options = parser.parse_args()
    facts = machine.facts()
    tables = [
        table(lived(a_plant(options.devices, swing), hours=options.hours, seed=options.seed), swing) for swing in SWINGS
    ]
    if options.recording is not None:
        tables.append(of_recording(options.recording))
    sheet.publish("cycles", "./et bench.cycles", facts, tables, sheet.wide_console())


if __name__ == "__main__":
    main()
