"""Loading the machines of a plant: the cost for the database when a historian and an exporter start, and the time.

`python -m bench.takeup --machines 3000` starts its own database, stores the ledger of the machines, and loads them
several times. With `--bare`, readings have no index, as in plants of more than 1,000 machines on SecantusDB. It prints
a table of medians; processor times say more than the clock's on a computer that does other work.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import psutil
from prometheus_client import CollectorRegistry

from energytrack.bus import Record
from energytrack.bus.memory import MemoryBus
from energytrack.clock import SystemClock
from energytrack.consume import Taken
from energytrack.messages import Reading
from energytrack.plant import Plant, load_plant
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.topics import READINGS
from historian.composition import TAKES, build
from historian.filing import Filing
from historian.settings import HistorianSettings
from testkit.stack.servers import mongo_running, site_in

SECONDS: Final = 3


class Spent(NamedTuple):
    """The time of an action in seconds."""

    clock: float
    ours: float
    """Processor time of our process."""
    database: float
    """Processor time of the database."""


def a_filing(store: Store, plant: Plant) -> Filing:
    """A historian that has just started."""
    bus = MemoryBus()
    return build(
        HistorianSettings(), plant, store, bus.source("historian", TAKES), bus.sink(), registry=CollectorRegistry(),
        clock=SystemClock(), stop=threading.Event(),
    ).filing  # fmt: skip


def fill(store: Store, plant: Plant) -> None:
    """Let a historian store some seconds of the plant, and stop."""
    filing, start = a_filing(store, plant), datetime.now(UTC) - timedelta(minutes=1)
    for second in range(SECONDS):
        batch = [
            Reading(
                each.device_id, start + timedelta(seconds=second), 61.5, 5.3, 14.0, device_type=each.device_type,
                line=each.line, energy_kwh=round(1000.0 + 0.002 * second, 3), state="running",
            )
            for each in plant.devices
        ]  # fmt: skip
        filing.handle([Taken(Record(READINGS, 0, second, None, None), reading) for reading in batch])
    filing.finish()


def spent(server: psutil.Process, action: Callable[[], object]) -> Spent:
    """The time that an action takes."""
    before, ours, clock = server.cpu_times(), time.process_time(), time.perf_counter()
    action()
    clock, ours, after = time.perf_counter() - clock, time.process_time() - ours, server.cpu_times()
    return Spent(clock, ours, after.user + after.system - before.user - before.system)


def median(runs: int, server: psutil.Process, action: Callable[[], object]) -> Spent:
    """The medians of several runs."""
    times = [spent(server, action) for _ in range(runs)]
    return Spent(*(statistics.median(column) for column in zip(*times, strict=True)))


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--bare", action="store_true", help="without the index of readings")
    wanted = parser.parse_args()
    plant = load_plant(Path("plant.toml"), devices=wanted.machines)
    names = [each.device_id for each in plant.devices]
    with tempfile.TemporaryDirectory() as folder:
        site = site_in(Path(folder))
        with mongo_running(site) as child:
            settings = MongoSettings(
                uri=f"mongodb://{site.address(site.ports.mongo)}", index_readings=not wanted.bare,
            )  # fmt: skip
            server = psutil.Process(child.process.pid)
            with closing(open_store(settings)) as store:
                store.prepare()
                first = spent(server, lambda: fill(store, plant))
                since = datetime.now(UTC) - timedelta(days=365)
                rows = {
                    "historian: meters and ledger": lambda: a_filing(store, plant).meters.load(names),
                    "exporter: meters": lambda: store.meters.get(names),
                    "exporter: past": lambda: store.events.latest(names, since=since),
                    "control API: latest states": store.devices.all,
                }
                print(f"{wanted.machines} machines; storing them took {first.clock:.1f} s")
                for name, action in rows.items():
                    taken = median(wanted.runs, server, action)
                    print(
                        f"{name:30} {taken.clock:7.2f} s by the clock, {taken.ours:6.2f} s of our processor, "
                        f"{taken.database:6.2f} s of the database's"
                    )


if __name__ == "__main__":
    main()
