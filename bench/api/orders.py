"""The round trip of an order without the machine's own time: request, store, Kafka, answer, Kafka, store.

`python -m bench.api.orders` starts a broker, a database and a control API of its own, lets machines answer at once, and
gives orders one after the other and several at once. It prints a table and writes JSON.
"""

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import httpx

from bench import machine
from bench.api.control import Measured, control_api_running
from bench.sheet import BenchTable, publish, wide_console

AT_ONCE: Final = (1, 4)
WARM_UP: Final = 20
"""Orders before the measurement: connections are opened, groups joined."""
POLL_SECONDS: Final = 0.005
BULK: Final = 100
"""Machines that one bulk order is given to."""
COLUMNS: Final = (
    "concurrent orders", "orders/s", "acknowledged p50 ms", "p95 ms", "answered p50 ms", "p95 ms",
    "without the machine p50 ms", "p95 ms", "service core-ms/order",
)  # fmt: skip
NOTE: Final = (
    "Acknowledged: the order is stored and in Kafka. Answered: the machine's answer is stored and was read over the "
    "API. The machine answers immediately; *without the machine* leaves out the time from its receiving the order "
    "until its answer is in Kafka. The client polls each order every 5 ms, part of the service's processor time."
)


class OrderTiming(NamedTuple):
    """One order's times, from its request."""

    command_id: str
    acknowledged_ms: float
    answered_ms: float


class Percentiles(NamedTuple):
    """Percentiles of a duration, in milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Orders:
    """Orders to different machines, `at_once` at a time."""

    at_once: int
    orders_per_second: float
    acknowledged: Percentiles
    answered: Percentiles
    without_machine: Percentiles
    """The time until the answer, without the machine's own time."""
    service_core_ms: float
    """Processor time of the service for an order, including the queries of its state."""


@dataclass(frozen=True)
class Bulk:
    """A bulk order to many machines; seconds from the request until all have answered."""

    machines: int
    seconds: float
    orders_per_second: float


def round_trip(api: httpx.Client, device_id: str) -> OrderTiming:
    """Give one order, and poll its state until the machine's answer is stored."""
    start = time.perf_counter()
    response = api.post("/api/shutdown", json={"device_id": device_id, "reason": "bench", "override": True})
    response.raise_for_status()
    acknowledged = time.perf_counter()
    while api.get(response.headers["Location"]).json()["status"] != "done":
        time.sleep(POLL_SECONDS)
    answered = time.perf_counter()
    return OrderTiming(response.json()["command_id"], 1000 * (acknowledged - start), 1000 * (answered - start))


def measure_orders(to: Measured, api: httpx.Client, devices: list[str], at_once: int) -> Orders:
    """Orders to different machines, `at_once` at a time."""
    cores, start = to.core_seconds(), time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        trips = list(pool.map(lambda device_id: round_trip(api, device_id), devices))
    seconds = time.perf_counter() - start
    cores = to.core_seconds() - cores
    return Orders(
        at_once=at_once,
        orders_per_second=len(devices) / seconds,
        acknowledged=_quantiles([trip.acknowledged_ms for trip in trips]),
        answered=_quantiles([trip.answered_ms for trip in trips]),
        without_machine=_quantiles([trip.answered_ms - 1000 * to.machine_seconds[trip.command_id] for trip in trips]),
        service_core_ms=1000 * cores / len(devices),
    )


def _quantiles(times: list[float]) -> Percentiles:
    return Percentiles(statistics.median(times), statistics.quantiles(times, n=20)[-1])


def measure_bulk(api: httpx.Client, devices: list[str]) -> Bulk:
    """Give one order to many machines."""
    start = time.perf_counter()
    body = {"action": "restart", "select": {"device_ids": devices}, "reason": "bench", "override": True}
    response = api.post("/api/bulk", json=body | {"dry_run": False}).raise_for_status().json()
    ordered = len(response["commands"])
    if ordered != len(devices):
        raise RuntimeError(response["sentence"])
    params = {"batch_id": response["batch_id"], "status": "done", "limit": str(len(devices))}
    while len(api.get("/api/commands", params=params).json()["commands"]) < ordered:
        time.sleep(10 * POLL_SECONDS)
    seconds = time.perf_counter() - start
    return Bulk(ordered, seconds, ordered / seconds)


def sheets(results: list[Orders], bulk: Bulk) -> tuple[BenchTable, BenchTable]:
    """The results as tables."""
    one_by_one = tuple(
        (
            str(row.at_once),
            f"{row.orders_per_second:.0f}",
            *(f"{time:.1f}" for times in (row.acknowledged, row.answered, row.without_machine) for time in times),
            f"{row.service_core_ms:.1f}",
        )
        for row in results
    )
    at_once = (str(bulk.machines), f"{bulk.seconds:.2f}", f"{bulk.orders_per_second:.0f}")
    return (
        BenchTable("Round trip of an order", COLUMNS, one_by_one, note=NOTE),
        BenchTable("One order to many machines", ("machines", "all answered after, s", "orders/s"), (at_once,)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.api.orders", description=__doc__)
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
    publish("orders", "./et bench.api.orders", facts, sheets(results, bulk), wide_console())


if __name__ == "__main__":
    main()
