"""`python -m bench.scoring`: readings a second through features and model, and through the bare model.

Each batch is added to the window, looked at and scored, as the live consumer does it. In the same run and on the same
rows: the model alone, with ready features; and the whole scorer, with reasons and recommendations. Last, the memory of
the windows of 10,000 devices once they are full.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import psutil
from msgspec.structs import replace

from bench import machine
from bench.pipeline.load import DEVICES, readings
from bench.sheet import BenchTable, publish, wide_console
from energytrack.messages import Reading
from energytrack.plant import load_plant
from local.services.pipeline import model_file
from local.services.secrets import ML_SIGNING_KEY, secret_env
from local.site import Site
from ml.arrays import Integers, Matrix
from ml.features.device_rows import Nameplate
from ml.features.spec import FeatureSpec
from ml.features.window import Window
from ml.models.artifact import read
from ml.models.card import Champion
from ml.models.estimators import columns
from ml.recommendations.rules import recommendation_rules
from ml.scoring.scorer import Scorer, signal_values

BATCH: Final = 5000
WARM_MINUTES: Final = 70
"""Before the first batch, a reading a minute of every machine is known for this long."""
MANY: Final = 10_000
MINUTE_MS: Final = 60_000
FULL_MINUTES: Final = 130
FULL_HOURS: Final = 60
"""This much fills the rings of minutes and of hours."""
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Scoring:
    """Medians over batches, in readings per second of one core, and the memory of many windows."""

    kind: str
    features: int
    batch: int
    batches: int
    features_and_model_per_second: float
    model_per_second: float
    ratio: float
    """Processor time of features and model over that of the model alone."""
    scorer_per_second: float
    """Readings per second with reasons, recommendations and insights."""
    devices: int
    window_mib: float
    """The memory that the windows of all devices add to the process."""


def main() -> None:
    """Measure, print and store the results."""
    parser = argparse.ArgumentParser(prog="python -m bench.scoring", description=__doc__)
    parser.add_argument("--batches", type=int, default=9, help="batches; medians are shown (default: %(default)s)")
    parser.add_argument("--model", type=Path, help="model file (default: this site's champion)")
    options = parser.parse_args()
    facts = machine.facts()
    scoring = measure(Site(), batches=options.batches, model=options.model)
    publish("scoring", "./et bench.scoring", facts, [table(scoring)], wide_console())


def measure(home: Site, *, batches: int = 9, model: Path | None = None) -> Scoring:
    """Score with the site's champion, batch by batch; the parts of each batch are timed one after the other."""
    key = {**os.environ, **secret_env(home, [ML_SIGNING_KEY])}[ML_SIGNING_KEY]
    champion = read(model or model_file(home), key)
    scorer = Scorer(champion, load_plant(home.root / "plant.toml"), recommendation_rules())
    both, bare, whole = _times(champion, scorer, batches)
    return Scoring(
        kind=champion.model.kind,
        features=len(champion.model.features),
        batch=BATCH,
        batches=batches,
        features_and_model_per_second=BATCH / statistics.median(both),
        model_per_second=BATCH / statistics.median(bare),
        ratio=statistics.median(a / b for a, b in zip(both, bare, strict=True)),
        scorer_per_second=BATCH / statistics.median(whole),
        devices=MANY,
        window_mib=memory_mib(champion.card.spec, devices=MANY),
    )


def table(scoring: Scoring) -> BenchTable:
    """The table for people."""
    return BenchTable(
        title="Scoring, without Kafka",
        columns=("what is computed", "readings/s/core"),
        rows=(
            ("features and model", f"{scoring.features_and_model_per_second:,.0f}"),
            ("the model alone, on the same batches", f"{scoring.model_per_second:,.0f}"),
            ("the whole scorer, with reasons and recommendations", f"{scoring.scorer_per_second:,.0f}"),
        ),
        note=(
            f"A {scoring.kind.replace('_', ' ')} with {scoring.features} features; medians of {scoring.batches} "
            f"batches of {scoring.batch:,} readings. Features and model together take {scoring.ratio:.2f} times "
            f"the processor time of the model alone. "
            f"The windows of {scoring.devices:,} machines take {scoring.window_mib:,.0f} MiB."
        ),
    )


def memory_mib(spec: FeatureSpec, *, devices: int) -> float:
    """The memory that full windows of `devices` devices add to this process."""
    process = psutil.Process()
    before = process.memory_info().rss
    window = Window(spec, devices=devices)
    rows = window.rows([f"d-{i}" for i in range(devices)], lambda _: Nameplate(None, 1.0))
    values = np.random.default_rng(0).normal(50.0, 1.0, (devices, len(spec.signals)))
    hours = np.arange(FULL_HOURS) * 60 * MINUTE_MS
    minutes = hours[-1] + np.arange(1, FULL_MINUTES + 1) * MINUTE_MS
    for at in np.concatenate([hours, minutes]).tolist():
        window.add(rows, np.full(devices, at + 60 * MINUTE_MS), values)
    window.look(rows, np.full(devices, minutes[-1] + 60 * MINUTE_MS))
    return (process.memory_info().rss - before) / 2**20


def _times(champion: Champion, scorer: Scorer, batches: int) -> tuple[list[float], list[float], list[float]]:
    """Processor seconds of each batch: through features and model, the model alone, and the whole scorer."""
    window = Window(champion.card.spec, devices=DEVICES)
    own = columns(champion.card.spec.names, champion.model.features)
    simulated = list(readings((batches + 1) * BATCH, ending=datetime.now(UTC)))
    for past in _minutes_before(simulated[:DEVICES]):
        _looked(window, past)
        scorer.score(past, past[-1].timestamp)
    both, bare, whole = [], [], []
    for start in range(0, len(simulated), BATCH):
        batch = simulated[start : start + BATCH]
        featured, seen = _timed(lambda: _looked(window, batch)[:, own])  # noqa: B023  # called at once
        alone, _ = _timed(lambda: champion.model.probabilities(seen))  # noqa: B023
        all_the_way, _ = _timed(lambda: scorer.score(batch, batch[-1].timestamp))  # noqa: B023
        both.append(featured + alone)
        bare.append(alone)
        whole.append(all_the_way)
    return both[1:], bare[1:], whole[1:]  # the first calls include work that is done once


def _minutes_before(first: Sequence[Reading]) -> Iterator[list[Reading]]:
    for minutes in range(WARM_MINUTES, 0, -1):
        yield [replace(reading, timestamp=reading.timestamp - timedelta(minutes=minutes)) for reading in first]


def _looked(window: Window, batch: Sequence[Reading]) -> Matrix:
    """The features of a batch, in the order of its rounds."""
    device = window.rows([reading.device_id for reading in batch], lambda _: Nameplate("cnc_machine", 5.0))
    at_ms: Integers = np.array([round(reading.timestamp.timestamp() * 1000) for reading in batch], dtype=np.int64)
    values = signal_values(batch, window.spec.signals)
    times = []
    for rows in window.rounds(at_ms):
        window.add(device[rows], at_ms[rows], values[rows])
        fresh = rows[window.mark(device[rows], at_ms[rows])]
        times.append(window.look(device[fresh], at_ms[fresh]).features)
    return np.concatenate(times)


def _timed(work: Callable[[], _Made]) -> tuple[float, _Made]:
    """Processor seconds of this process, and the result of `work`."""
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


if __name__ == "__main__":
    main()
