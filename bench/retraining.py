"""Retraining on a whole plant's history: how long it takes, and how much memory, from stored minutes to a decision.

`python -m bench.retraining --machines 300 --days 90` generates a history machine by machine as it is read, so that it
takes no space; what the database needs to sum up minutes is measured separately, on a part of it that is stored.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from bench import machine
from bench.sheet import BenchTable, publish, wide_console
from energytrack.events import DeviceEvent, Failure, FaultCode, MaintenanceDone
from energytrack.messages import Reading
from energytrack.plant import Device
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.store.telemetry.readings import Means
from local.lifecycle.child import started
from local.services.mongo import mongo_service, mongo_uri
from local.site import Site
from ml.arrays import Floats, Integers
from ml.datasets.stored_history import History
from ml.datasets.verdicts import VerdictLabels
from ml.models.artifact import check, seal
from ml.models.card import Champion, encode_card
from ml.retraining.challenge import ChallengePlan, ChallengeResult, challenge
from ml.retraining.gate import GateTerms

UNTIL: Final = datetime(2026, 11, 23, tzinfo=UTC)
KINDS: Final = ("cnc_machine", "press", "robot")
BETWEEN_FAILURES: Final = 30.0
"""Mean days between two failures."""
SIGNALS: Final = ("temperature", "pressure", "current")
MINUTE_MS: Final = 60_000
WARNING_MINUTES: Final = 2160


@dataclass
class Stopwatch:
    """Seconds of each part of the work."""

    seconds: dict[str, float] = field(default_factory=dict)

    def begin(self, what: str) -> Callable[[float], None]:
        """Start a part; the result is called with the progress."""
        since = time.monotonic()

        def tick(_: float) -> None:
            self.seconds[what] = time.monotonic() - since

        return tick


def main() -> None:
    """Measure, print and store the results."""
    options = _options()
    console = wide_console()
    facts = machine.facts()
    watch = Stopwatch()
    plan = ChallengePlan(GateTerms(false_alarms=1.0), rows=options.rows, jobs=options.jobs)
    champion = _champion(made_up(min(options.machines, 30), options.days, seed=2), plan)
    history = made_up(options.machines, options.days, seed=1)
    since, before = time.monotonic(), time.process_time()
    result = challenge(history, champion, plan, now=UNTIL, begin=watch.begin)
    watch.seconds["all of it"] = time.monotonic() - since
    watch.seconds["all of it, processor time"] = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sheets = [_sheet(options, result, watch, peak)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sheets.append(_database(Path(folder), options.stored_days))
    command = f"./et bench.retraining --machines {options.machines} --days {options.days:g}"
    publish("retraining", command, facts, sheets, console)


def made_up(machines: int, days: float, *, seed: int) -> History:
    """A simulated plant whose machines warm up and warn before they fail, computed as it is read."""
    devices = tuple(Device(f"m-{i:04d}", KINDS[i % len(KINDS)], f"line-{i % 5}", 1.0 + i % 15) for i in range(machines))
    begin = UNTIL - timedelta(days=days)
    failures = {
        device.device_id: np.sort(np.random.default_rng([seed, i]).uniform(0, days, round(days / BETWEEN_FAILURES)))
        for i, device in enumerate(devices)
    }
    number = {device.device_id: i for i, device in enumerate(devices)}

    def read(device_ids: Iterable[str], since: datetime, until: datetime) -> Iterator[Means]:
        start, end = (round((moment - begin).total_seconds() / 60) for moment in (since, until))
        for device_id in device_ids:
            own = np.random.default_rng([seed, number[device_id], start])
            for first in range(start, end, 1440):
                minutes = np.arange(first + 1, min(first + 1440, end) + 1)
                yield _day(device_id, minutes, failures[device_id] * 1440, begin, own)

    events = tuple(sorted(_events(failures, begin, seed), key=lambda event: event.timestamp))
    return History("a made up plant", devices, SIGNALS, begin, UNTIL, events, VerdictLabels(), read)


def _day(device_id: str, minutes: Integers, failed: Floats, begin: datetime, rng: np.random.Generator) -> Means:
    """Means of a machine's minutes; `minutes` and `failed`, the minutes at which it fails, count from `begin` on."""
    ahead = failed[None, :] - minutes[:, None]
    near = np.where((ahead > 0) & (ahead < WARNING_MINUTES), 1.0 - ahead / WARNING_MINUTES, 0.0).max(
        axis=1, initial=0.0
    )
    load = 0.6 + 0.4 * np.sin(minutes * (2 * np.pi / 1440))
    means = np.stack([40 + 20 * load + 6 * near, 5.0 - 0.4 * near, 10 * load + 0.5 * near])
    means += rng.normal(0, [[0.5], [0.05], [0.3]], means.shape)
    columns = {signal: row.tolist() for signal, row in zip(SIGNALS, means, strict=True)}
    return Means(device_id, (round(begin.timestamp() * 1000) + minutes * MINUTE_MS).tolist(), columns)


def _events(failures: dict[str, Floats], begin: datetime, seed: int) -> Iterator[DeviceEvent]:
    rng = np.random.default_rng([seed, 7])
    for device_id, moments in failures.items():
        for day in moments.tolist():
            failed = begin + timedelta(days=day)
            yield Failure(event_id="", device_id=device_id, timestamp=failed, mode="wear")
            done = failed + timedelta(hours=4)
            yield MaintenanceDone(event_id="", device_id=device_id, timestamp=done, component="bearing")
            for hours in rng.uniform(0.5, 30, 2).tolist():
                yield FaultCode(event_id="", device_id=device_id, timestamp=failed - timedelta(hours=hours), code="W-1")


def _champion(history: History, plan: ChallengePlan) -> Champion | None:
    """A champion from a smaller plant, for comparison in the measured run."""
    result = challenge(history, None, plan, now=UNTIL)
    if result.trained is None or result.card is None:
        return None
    card, artifact = seal(result.trained.model, result.card, None)
    return check(encode_card(card), artifact, None, name="champion")


def _sheet(options: argparse.Namespace, result: ChallengeResult, watch: Stopwatch, peak_gib: float) -> BenchTable:
    buckets = options.machines * options.days * 1440
    decided = "; ".join(dict.fromkeys(reason.text for reason in result.decision.reasons))
    rows = (
        ("minutes of machines", f"{buckets:,.0f}"),
        ("rows of the training table", f"{result.rows:,}"),
        ("failures in the newest block", f"{result.decision.events:,}"),
        *((f"{what}, s", f"{took:.0f}") for what, took in watch.seconds.items()),
        ("peak memory, GiB", f"{peak_gib:.2f}"),
        ("the gate", decided),
    )
    return BenchTable(
        f"Retraining on {options.days:g} days of {options.machines} machines, one reading a minute",
        ("what", "measured"),
        rows,
        note="From means by minute to the gate's decision; a champion is measured beside two challengers. The history "
        "is generated as it is read. The next table shows what reading it from the database costs.",
    )


def _database(folder: Path, days: int) -> BenchTable:
    site = Site(var=folder)
    site = Site(var=folder, ports=site.ports.shifted(3700))
    with started(mongo_service(site), site):
        settings = MongoSettings.from_env({"ENERGYTRACK_MONGO_URI": mongo_uri(site)})
        with closing(open_store(settings)) as store:
            store.prepare()
            since = UNTIL - timedelta(days=days)
            for part in made_up(1, days, seed=3).read(["m-0000"], since, UNTIL):
                store.readings.put(_readings(part))
            summing, minutes = _timed(store, since)
            reading, _ = _timed(store, since)
    return BenchTable(
        "Reading the same history from the database",
        ("database", "minutes", "summing up, µs per minute", "reading what was summed up, µs per minute"),
        (("SecantusDB, the local stack's", f"{minutes:,}", f"{summing:.1f}", f"{reading:.1f}"),),
        note="One reading a minute. The service sums up each day once, when it is over, and retraining reads these "
        "sums: every run costs the second figure, and every new day the first.",
    )


def _timed(store: Store, since: datetime) -> tuple[float, int]:
    """Microseconds for each minute of a machine, and the number of minutes."""
    begun = time.monotonic()
    means = store.minutes.means(["m-0000"], SIGNALS, since=since, until=UNTIL, settled=UNTIL)
    minutes = sum(len(part.end_ms) for part in means)
    return (time.monotonic() - begun) / minutes * 1e6, minutes


def _readings(part: Means) -> list[Reading]:
    moments = [datetime.fromtimestamp(end / 1000, UTC) for end in part.end_ms]
    rows = zip(moments, *(part.signals[signal] for signal in SIGNALS), strict=True)
    return [
        Reading(part.device_id, at, temperature=temperature, pressure=pressure, current=current, device_type="press")
        for at, temperature, pressure, current in rows
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.retraining", description=__doc__)
    parser.add_argument("--machines", type=int, default=300)
    parser.add_argument("--days", type=float, default=90.0)
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the training table, about")
    parser.add_argument("--jobs", type=int, default=1, help="processes that train at once")
    parser.add_argument("--stored-days", type=int, default=3, help="days of one machine that a real database sums up")
    return parser.parse_args()


if __name__ == "__main__":
    main()
