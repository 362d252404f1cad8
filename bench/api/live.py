"""The cost of live pages: many clients, each watching the whole fleet, one reading a second from every machine.

`python -m bench.api.live` starts a broker, a database and a control API of its own. It prints a table and writes JSON.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from bench import machine
from bench.api.control import Measured, control_api_running
from bench.api.watchers import ReceivedUpdates
from bench.sheet import BenchTable, publish, wide_console
from energytrack.clock import SystemClock
from energytrack.messages import Factor, Insight, Reading, encode
from energytrack.topics import INSIGHTS, READINGS

COLUMNS: Final = (
    "clients", "machines", "messages/s", "updates/s", "p50 s", "p95 s", "p99 s", "MB/s on the wire", "service cores",
    "MiB before", "MiB after", "cut off",
)  # fmt: skip
NOTE: Final = (
    "Each client watches the whole fleet over a compressed WebSocket, like the operators' page. Times are from a "
    "reading's timestamp to its arrival at a client. Updates are sent once a second, which alone adds half a second to "
    "the median. Clients and load generator share the cores with the service."
)


@dataclass(frozen=True)
class Live:
    """The updates that clients received, and their cost."""

    clients: int
    machines: int
    messages_per_second: float
    updates_per_second: float
    delay_p50_seconds: float
    delay_p95_seconds: float
    delay_p99_seconds: float
    wire_megabytes_per_second: float
    service_cores: float
    memory_before_mib: float
    memory_after_mib: float
    cut_off: int
    """Clients that the service dropped, or that lost their connection."""


@contextmanager
def machines_at_work(to: Measured) -> Iterator[None]:
    """Let every machine send a reading a second, spread over the second, and be scored."""
    stop, clock, rng = threading.Event(), SystemClock(), np.random.default_rng(1)
    devices = [device.device_id for device in to.plant.devices]
    parts = 20

    def work() -> None:
        with closing(to.bus.sink()) as sink:
            part = 0
            while not stop.wait(1 / parts):
                now = clock.now()
                for device_id in devices[part::parts]:
                    a, b, c, risk = rng.random(4).tolist()
                    reading = Reading(device_id, now, 60 + a, 5 + b, 12 + c, energy_kwh=1000.0, state="running")
                    factors = (Factor("temperature_slope_15m", 0.3, f"temperature rising {a:.1f} °C in 15 min"),)
                    insight = Insight(device_id, now, risk, int(risk > 0.9), "v1", now, top_factors=factors)  # type: ignore[arg-type]
                    sink.put(READINGS, device_id, encode(reading))
                    sink.put(INSIGHTS, device_id, encode(insight))
                sink.flush()
                part = (part + 1) % parts

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def measure(to: Measured, *, clients: int, seconds: float) -> Live:
    """Let this many clients watch for this long."""
    command = [sys.executable, "-m", "bench.api.watchers", to.url, str(clients), str(seconds)]
    with (
        machines_at_work(to),
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watchers,
    ):
        if watchers.stdin is None or watchers.stdout is None:
            raise RuntimeError("the clients have no pipes")
        watchers.stdin.write(to.token + "\n")
        watchers.stdin.close()
        if not watchers.stdout.readline():
            raise RuntimeError("the clients could not connect")
        cores, memory = to.core_seconds(), to.memory_mib()
        line = watchers.stdout.readline()
        cores, after = to.core_seconds() - cores, to.memory_mib()
    seen = msgspec.json.decode(line, type=ReceivedUpdates)
    cuts = statistics.quantiles(seen.delays, n=100)
    return Live(
        clients=clients,
        machines=len(to.plant.devices),
        messages_per_second=seen.messages / seconds,
        updates_per_second=seen.updates / seconds,
        delay_p50_seconds=cuts[49],
        delay_p95_seconds=cuts[94],
        delay_p99_seconds=cuts[98],
        wire_megabytes_per_second=seen.payload_bytes / seconds / 1e6,
        service_cores=cores / seconds,
        memory_before_mib=memory,
        memory_after_mib=after,
        cut_off=seen.lost,
    )


def sheet(row: Live) -> BenchTable:
    """The results as a table."""
    cells = (
        str(row.clients), str(row.machines), f"{row.messages_per_second:,.0f}", f"{row.updates_per_second:,.0f}",
        f"{row.delay_p50_seconds:.2f}", f"{row.delay_p95_seconds:.2f}", f"{row.delay_p99_seconds:.2f}",
        f"{row.wire_megabytes_per_second:.2f}", f"{row.service_cores:.2f}", f"{row.memory_before_mib:.0f}",
        f"{row.memory_after_mib:.0f}", str(row.cut_off),
    )  # fmt: skip
    return BenchTable("Live clients", COLUMNS, (cells,), note=NOTE)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.api.live", description=__doc__)
    parser.add_argument("--clients", type=int, default=200, help="each watches the whole fleet")
    parser.add_argument("--seconds", type=float, default=20, help="how long the clock runs")
    options = parser.parse_args()
    facts = machine.facts()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, control_api_running(Path(folder)) as to:
        row = measure(to, clients=options.clients, seconds=options.seconds)
    publish("live", "./et bench.api.live", facts, [sheet(row)], wide_console())


if __name__ == "__main__":
    main()
