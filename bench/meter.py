"""Compares the meter with the one it replaced: processor time per reading, both in one run.

`python -m bench.meter` prints a table. Many short runs alternate, so that other work of the computer disturbs some runs
of each, but not all of one; the fastest of each counts. The former meter believed every register that rose by less than
four times the rated power, and is kept here as the yardstick only.
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct

from energytrack.decoding.parsing import parse_reading
from energytrack.machines.power import IDLE_STATES, JOULES_PER_KWH, power_watts
from energytrack.machines.ratings import Rating
from energytrack.messages import Reading, encode
from energytrack.metering.step import step
from energytrack.metering.values import Meter
from energytrack.plant import load_plant

READINGS: Final = 3_000
RUNS: Final = 100
START: Final = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DEVICE: Final = "cnc-0007"
TYPE: Final = "cnc_machine"


class FormerMeter(Struct, frozen=True):
    """A machine's energy, as far as its readings show it."""

    total_joules: float
    """Cumulative; starts at the register's own value if there is one."""
    idle_joules: float
    """The part used in state `idle`, since this meter was started."""
    watts: float | None
    """Power at the last reading; None if the current is not known."""
    at: float
    """Time of the last reading, seconds since the epoch."""
    register_kwh: float | None
    idle: bool


def start_meter(reading: Reading, rating: Rating | None) -> FormerMeter:
    """The meter at a device's first reading."""
    return FormerMeter(
        total_joules=(reading.energy_kwh or 0.0) * JOULES_PER_KWH,
        idle_joules=0.0,
        watts=_watts(reading, rating),
        at=reading.timestamp.timestamp(),
        register_kwh=reading.energy_kwh,
        idle=reading.state in IDLE_STATES,
    )


def advance_meter(meter: FormerMeter, reading: Reading, rating: Rating | None) -> FormerMeter:
    """The meter after one more reading; unchanged by one that is late or repeated.

    With a register on both sides the difference counts, however long the gap. A register that falls (meter replaced)
    or jumps further than the machine could possibly have used starts a new base and counts nothing. Without a register
    power is integrated by trapezoid over gaps up to 300 s. A step counts as idle when the machine was
    idle at its start.
    """
    at = reading.timestamp.timestamp()
    seconds = at - meter.at
    if seconds <= 0:
        return meter
    watts = _watts(reading, rating)
    used = _used_joules(meter, reading, rating, seconds=seconds, watts=watts)
    return FormerMeter(
        total_joules=meter.total_joules + used,
        idle_joules=meter.idle_joules + (used if meter.idle else 0.0),
        watts=watts,
        at=at,
        register_kwh=meter.register_kwh if reading.energy_kwh is None else reading.energy_kwh,
        idle=reading.state in IDLE_STATES,
    )


def _used_joules(
    meter: FormerMeter, reading: Reading, rating: Rating | None, *, seconds: float, watts: float | None
) -> float:
    if meter.register_kwh is not None:
        if reading.energy_kwh is None:
            return 0.0  # the next register reading brings it
        used = (reading.energy_kwh - meter.register_kwh) * JOULES_PER_KWH
        return used if 0.0 <= used <= _possible_joules(rating, seconds) else 0.0
    if seconds > 300.0 or meter.watts is None or watts is None:
        return 0.0
    return (meter.watts + watts) / 2.0 * seconds


def _possible_joules(rating: Rating | None, seconds: float) -> float:
    """Four times the rated power (inrush), and one count of a coarse register, 0.1 kWh."""
    if rating is None:
        return math.inf
    return 4.0 * power_watts(rating.rated_amperes, rating) * seconds + 0.1 * JOULES_PER_KWH


def _watts(reading: Reading, rating: Rating | None) -> float | None:
    if reading.current is None or rating is None:
        return None
    return power_watts(reading.current, rating)


def readings(*, refresh: int, decimals: int) -> Sequence[Reading]:
    """Readings of a machine at 8 kW, one a second; its register is refreshed every `refresh` seconds."""
    return [
        Reading(
            DEVICE, START + timedelta(seconds=n), 61.5, 5.3, 13.58, TYPE, "machining-a",
            round(48211.0 + 8.0 * (n // refresh * refresh) / 3600.0, decimals), "running",
        )
        for n in range(READINGS)
    ]  # fmt: skip


def seconds_of(*works: Callable[[], object]) -> list[float]:
    """Processor seconds of the fastest run of each."""
    best = [math.inf] * len(works)
    for _ in range(RUNS):
        for index, work in enumerate(works):
            begun = time.process_time()
            work()
            best[index] = min(best[index], time.process_time() - begun)
    return best


def main() -> None:
    """Measure both meters, and the time to decode a reading."""
    argparse.ArgumentParser(prog="python -m bench.meter", description=__doc__).parse_args()
    plant = load_plant(Path("plant.toml"))
    limits, rating = plant.limits(DEVICE, TYPE), plant.types[TYPE]
    print(f"microseconds per reading, the fastest of {RUNS} runs of {READINGS:,} readings")
    print(f"{'register':28} {'parse':>7} {'former':>7} {'meter':>7} {'meter/former':>13} {'with parsing':>13}")
    for name, refresh, decimals in (("each second, 0.001 kWh", 1, 3), ("each minute, 0.01 kWh", 60, 2)):
        sent = readings(refresh=refresh, decimals=decimals)
        raw = [encode(reading) for reading in sent]
        now = sent[-1].timestamp

        def parse(raw: Sequence[bytes] = raw, now: datetime = now) -> None:
            for each in raw:
                parse_reading(each, now)

        def former(sent: Sequence[Reading] = sent) -> None:
            meter = start_meter(sent[0], rating)
            for reading in sent:
                meter = advance_meter(meter, reading, rating)

        def present(sent: Sequence[Reading] = sent) -> None:
            meter: Meter | None = None
            for reading in sent:
                meter = step(meter, reading, limits).meter

        parsing, old, new = (seconds / READINGS * 1e6 for seconds in seconds_of(parse, former, present))
        ratios = (new / old, (parsing + new) / (parsing + old))
        print(f"{name:28} {parsing:7.2f} {old:7.2f} {new:7.2f} {ratios[0]:13.2f} {ratios[1]:13.2f}")


if __name__ == "__main__":
    main()
