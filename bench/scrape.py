"""The cost of one scrape of a large plant: our page, and the same page rendered by prometheus_client.

`python -m bench.scrape [--devices 10000]` prints a table; no server is involved.
"""

import argparse
import gzip
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from bench import machine
from bench.sheet import BenchTable, publish, wide_console
from energytrack.bus import Record
from energytrack.consume import Taken
from energytrack.messages import Factor, Insight, Reading, Recommendation
from energytrack.plant import Plant, load_plant
from energytrack.topics import INSIGHTS, READINGS
from exporters.machines.fleet import Fleet
from exporters.metrics.page import MetricsPage
from exporters.settings import ExportersSettings
from exporters.subjects import COLUMNS
from exporters.web import FASTEST
from testkit.builders.messages import NOW
from testkit.exporters.devices import deliver
from testkit.exporters.reference import reference

T = TypeVar("T")
ROUNDS: Final = 7
COLUMN_NAMES: Final = (
    "devices", "series", "page MB", "gzip MB", "fold us/message", "snapshot ms", "render ms", "gzip ms",
    "prometheus_client ms",
)  # fmt: skip
NOTE: Final = (
    "Processor time of one GET of the exporters' /metrics. Only the snapshot interrupts the processing of messages; "
    "rendering and compressing do not. The last column is the same page rendered by prometheus_client. No server is "
    "involved."
)


@dataclass(frozen=True)
class Scrape:
    """Seconds of processor time (medians of several rounds, each after a second of plant), and sizes."""

    devices: int
    series: int
    page_bytes: int
    compressed_bytes: int
    fold_seconds_per_message: float
    snapshot_seconds: float
    render_seconds: float
    compress_seconds: float
    prometheus_client_seconds: float


def measure(devices: int) -> Scrape:
    """Fold a second of plant, take a snapshot, render and compress it, repeatedly."""
    plant = load_plant(Path("plant.toml"), devices=devices)
    fleet, page = Fleet(plant, ExportersSettings.from_env({}).patience()), MetricsPage(COLUMNS)
    rng = np.random.default_rng(1)
    rounds: list[tuple[float, ...]] = []
    for second in range(ROUNDS):
        now = NOW + timedelta(seconds=second)
        batch = list(_messages(plant, second, rng))
        fold, _ = _timed(partial(deliver, fleet, batch, now))
        snap, snapshot = _timed(partial(fleet.snapshot, now))
        render, text = _timed(partial(page.render, snapshot))
        compress, packed = _timed(partial(gzip.compress, text, FASTEST))
        rounds.append((fold / len(batch), snap, render, compress))
    theirs, _ = _timed(partial(reference, COLUMNS, snapshot))
    fold, snap, render, compress = (statistics.median(column) for column in zip(*rounds[1:], strict=True))
    series = sum(not line.startswith(b"#") for line in text.splitlines())
    return Scrape(devices, series, len(text), len(packed), fold, snap, render, compress, theirs)


def _messages(plant: Plant, second: int, rng: np.random.Generator) -> Iterator[Taken]:
    """A reading and an insight of each device; one machine in fifty is at risk."""
    noise = rng.normal(size=(len(plant.devices), 4))
    at = NOW + timedelta(seconds=second)
    for number, (device, (a, b, c, d)) in enumerate(zip(plant.devices, noise.tolist(), strict=True)):
        reading = Reading(
            device_id=device.device_id, device_type=device.device_type, line=device.line, timestamp=at,
            temperature=round(60 + a, 2), pressure=round(5.3 + b / 10, 3), current=round(14 + c, 2),
            energy_kwh=round(1000.0 + number + second * 0.002, 4), state="idle" if number % 4 == 0 else "running",
        )  # fmt: skip
        risky = number % 50 == 0
        insight = Insight(
            device_id=device.device_id, timestamp=at, scored_at=at, model_version="20261123T101500Z-3f9a1c",
            failure_probability=min(1.0, abs(d) / 20 + 0.8 * risky), prediction=1 if risky else 0,
            top_factors=tuple(Factor(f"feature_{i}_15m", c / 10) for i in range(3)) if risky else (),
            recommendations=(Recommendation("inspect_24h", "Inspect"),) if risky else (),
        )  # fmt: skip
        yield Taken(Record(READINGS, number % 12, second, None, None), reading)
        yield Taken(Record(INSIGHTS, number % 12, second, None, None), insight)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.process_time()
    done = work()
    return time.process_time() - begun, done


def main() -> None:
    """Measure, print and store the results."""
    parser = argparse.ArgumentParser(prog="python -m bench.scrape", description=__doc__)
    parser.add_argument("--devices", type=int, nargs="*", default=(300, 1000, 10_000), help="sizes of plant")
    facts = machine.facts()
    rows = tuple(_cells(measure(devices)) for devices in parser.parse_args().devices)
    sheet = BenchTable("Processor time of one scrape", COLUMN_NAMES, rows, note=NOTE)
    publish("scrape", "./et bench.scrape", facts, [sheet], wide_console())


def _cells(row: Scrape) -> tuple[str, ...]:
    return (
        f"{row.devices:,}", f"{row.series:,}", f"{row.page_bytes / 1e6:.1f}", f"{row.compressed_bytes / 1e6:.2f}",
        f"{row.fold_seconds_per_message * 1e6:.1f}", f"{row.snapshot_seconds * 1e3:.1f}",
        f"{row.render_seconds * 1e3:.0f}", f"{row.compress_seconds * 1e3:.0f}",
        f"{row.prometheus_client_seconds * 1e3:.0f}",
    )  # fmt: skip


if __name__ == "__main__":
    main()
