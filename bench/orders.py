"""An order's round trip without the machine's own time: request, file, Kafka, machine's answer, Kafka, on file.

`python -m bench.orders` starts a broker, a database and the control API of its own, lets machines answer at once, and
gives orders one after the other and several at once. It prints a table and writes JSON.
"""

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from bench import machine
from bench.control import Measured, control_api_running
from bench.sheet import Sheet, publish, wide_console

AT_ONCE: Final = (1, 4)
WARM_UP: Final = 20
"""Orders before the clock starts: connections are made, groups joined."""
POLL_SECONDS: Final = 0.002
BULK: Final = 100
"""Machines that one bulk order is given to."""
COLUMNS: Final = (
    "at once", "orders", "orders/s", "acknowledged p50 ms", "p95 ms", "answered p50 ms", "p95 ms",
    "service core-ms/order",
)  # fmt: skip
NOTE: Final = (
    "Acknowledged: the order is on file and Kafka has it. Answered: the machine's answer is on file and was read over "
    "the API; the machine itself answers at once. Each order's state is asked for every 2 ms: that is part of the "
    "service's processor time."
)


@dataclass(frozen=True)
class Orders:
    """Orders to different machines, so many at once; milliseconds."""

    at_once: int
    orders: int
    orders_per_second: float
    acknowledged_p50_ms: float
    acknowledged_p95_ms: float
    answered_p50_ms: float
    answered_p95_ms: float
    service_core_ms: float
    """Processor time of the service for an order, the questions for its state included."""


@dataclass(frozen=True)
class Bulk:
    """One order to many machines; seconds from the request until all have answered."""

    machines: int
    seconds: float
    orders_per_second: float


def round_trip(api: httpx.Client, device_id: str) -> tuple[float, float]:
    """Milliseconds until the order is acknowledged, and until the machine's answer can be read."""
    start = time.perf_counter()
    given = api.post("/api/shutdown", json={"device_id": device_id, "reason": "bench", "override": True})
    given.raise_for_status()
    acknowledged = time.perf_counter()
    while api.get(given.headers["Location"]).json()["status"] != "done":
        time.sleep(POLL_SECONDS)
    return 1000 * (acknowledged - start), 1000 * (time.perf_counter() - start)


def measure_orders(to: Measured, api: httpx.Client, devices: list[str], at_once: int) -> Orders:
    """Orders to different machines, so many at once."""
    cores, start = to.core_seconds(), time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        times = list(pool.map(lambda device_id: round_trip(api, device_id), devices))
    seconds = time.perf_counter() - start
    cores = to.core_seconds() - cores
    acknowledged, answered = zip(*times, strict=True)
    return Orders(
        at_once=at_once,
        orders=len(devices),
        orders_per_second=len(devices) / seconds,
        acknowledged_p50_ms=statistics.median(acknowledged),
        acknowledged_p95_ms=statistics.quantiles(acknowledged, n=20)[-1],
        answered_p50_ms=statistics.median(answered),
        answered_p95_ms=statistics.quantiles(answered, n=20)[-1],
        service_core_ms=1000 * cores / len(devices),
    )


def measure_bulk(api: httpx.Client, devices: list[str]) -> Bulk:
    """One order to many machines."""
    start = time.perf_counter()
    body = {"action": "restart", "select": {"device_ids": devices}, "reason": "bench", "override": True}
    given = api.post("/api/bulk", json=body | {"dry_run": False}).raise_for_status().json()
    ordered = len(given["commands"])
    if ordered != len(devices):
        raise RuntimeError(given["sentence"])
    params = {"batch_id": given["batch_id"], "status": "done", "limit": str(len(devices))}
    while len(api.get("/api/commands", params=params).json()["commands"]) < ordered:
        time.sleep(10 * POLL_SECONDS)
    seconds = time.perf_counter() - start
    return Bulk(ordered, seconds, ordered / seconds)


def sheets(results: list[Orders], bulk: Bulk) -> tuple[Sheet, Sheet]:
    """For people."""
    one_by_one = tuple(
        (
            str(row.at_once), str(row.orders), f"{row.orders_per_second:.0f}", f"{row.acknowledged_p50_ms:.1f}",
            f"{row.acknowledged_p95_ms:.1f}", f"{row.answered_p50_ms:.1f}", f"{row.answered_p95_ms:.1f}",
            f"{row.service_core_ms:.1f}",
        )
        for row in results
    )  # fmt: skip
    at_once = (str(bulk.machines), f"{bulk.seconds:.2f}", f"{bulk.orders_per_second:.0f}")
    return (
        Sheet("An order's round trip", COLUMNS, one_by_one, note=NOTE),
        Sheet("One order to many machines", ("machines", "all answered after s", "orders/s"), (at_once,)),
    )


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description=__doc__)
    parser.add_argument("--orders", type=int, default=150, help="to as many different machines")
    options = parser.parse_args()
    facts = machine.facts()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, control_api_running(Path(folder)) as to:
        devices = [device.device_id for device in to.plant.devices]
        with to.client() as api:
            for device_id in devices[:WARM_UP]:
                round_trip(api, device_id)
            ordered = devices[WARM_UP : WARM_UP + options.orders]
            results = [measure_orders(to, api, ordered, at_once) for at_once in AT_ONCE]
            bulk = measure_bulk(api, devices[:BULK])
    publish("orders", "python -m bench.orders", facts, sheets(results, bulk), wide_console())


if __name__ == "__main__":
    main()
