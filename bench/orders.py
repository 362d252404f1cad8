"""An order's round trip without the machine's own time: request, file, Kafka, machine's answer, Kafka, on file.

`python -m bench.orders` starts a broker, a database and the control API of its own, lets machines answer at once, and
gives orders one after the other and several at once. It prints a table and writes JSON.
"""

import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table
from ulid import ULID

from control_api.credentials import Credentials
from energytrack.bus import Bus
from energytrack.bus.open import open_bus
from energytrack.clock import SystemClock
from energytrack.messages import CommandResult, encode, parse_command
from energytrack.plant import load_plant
from energytrack.settings import KafkaSettings, MongoSettings
from energytrack.store.open import open_store
from energytrack.topics import COMMANDS, EVENTS, TOPICS
from local.child import started
from local.mongo import mongo_uri
from local.service import HttpAnswers, Service
from tests.servers import kafka_running, mongo_running, site_in

ORDERS: Final = 100
AT_ONCE: Final = (1, 4)
POLL_SECONDS: Final = 0.002
RESULT: Final = Path("var/bench/orders.json")


@contextmanager
def obedient_machines(bus: Bus) -> Iterator[None]:
    """Machines that answer each order at once."""
    stop, clock = threading.Event(), SystemClock()

    def answer() -> None:
        with closing(bus.sink()) as sink, closing(bus.source("simulator", [COMMANDS], linger=0.0)) as source:
            while not stop.is_set():
                for record in source.take(100, 0.2):
                    command = parse_command(record.value, clock.now())
                    result = CommandResult(
                        event_id=command.command_id,
                        device_id=command.device_id,
                        timestamp=clock.now(),
                        command_id=command.command_id,
                        action=command.action,
                        outcome="done",
                        state="stopped",
                    )
                    sink.put(EVENTS, command.device_id, encode(result))
                    sink.flush()
                source.commit()

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    stop.set()
    thread.join()


def round_trip(api: httpx.Client, device_id: str) -> tuple[float, float]:
    """Milliseconds until the order is acknowledged, and until the machine's answer can be read."""
    start = time.perf_counter()
    given = api.post("/api/shutdown", json={"device_id": device_id, "reason": "bench", "override": True})
    given.raise_for_status()
    acknowledged = time.perf_counter()
    while api.get(given.headers["Location"]).json()["status"] != "done":
        time.sleep(POLL_SECONDS)
    return 1000 * (acknowledged - start), 1000 * (time.perf_counter() - start)


def main() -> None:
    """Measure and tell."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        site = site_in(folder / "site")
        stack.enter_context(kafka_running(site))
        stack.enter_context(mongo_running(site))
        port = site.ports.control_api
        env = {
            "ENERGYTRACK_KAFKA_SERVERS": site.address(site.ports.kafka),
            "ENERGYTRACK_MONGO_URI": mongo_uri(site),
            "ENERGYTRACK_CONTROL_API_PORT": str(port),
            "ENERGYTRACK_CONTROL_API_CHANGES_PER_MINUTE": "100000",
            "ENERGYTRACK_CONTROL_API_REQUESTS_PER_MINUTE": "1000000",
        }
        bus = open_bus(KafkaSettings.from_env(env), "bench")
        bus.create_topics(TOPICS)
        stack.enter_context(obedient_machines(bus))
        service = Service(
            name="control_api",
            purpose="takes orders",
            command=(sys.executable, "-m", "control_api"),
            ready=HttpAnswers(site.url(port, "/healthz")),
            ports=("control_api",),
            env=env,
        )
        stack.enter_context(started(service, site))
        store = stack.enter_context(closing(open_store(MongoSettings.from_env(env))))
        clock = SystemClock()
        credentials = Credentials(store.tokens, clock, lambda: str(ULID.from_datetime(clock.now())))
        _, token = credentials.issue("token", name="bench", role="Editor", by="bench", lasts=None)
        api = stack.enter_context(
            httpx.Client(base_url=site.url(port, ""), timeout=30, headers={"Authorization": f"Bearer {token}"})
        )
        devices = [device.device_id for device in load_plant(Path("plant.toml")).devices]
        for device_id in devices[:10]:
            round_trip(api, device_id)  # connections are made, groups joined
        results = [measured(api, devices[10 : 10 + ORDERS], at_once) for at_once in AT_ONCE]
    tell(results)


def measured(api: httpx.Client, devices: list[str], at_once: int) -> dict[str, float]:
    """Orders to different machines, so many at once."""
    start = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        times = list(pool.map(lambda device_id: round_trip(api, device_id), devices))
    seconds = time.perf_counter() - start
    acknowledged, answered = zip(*times, strict=True)
    return {
        "at_once": at_once,
        "orders_per_second": len(devices) / seconds,
        "acknowledged_p50_ms": statistics.median(acknowledged),
        "acknowledged_p95_ms": statistics.quantiles(acknowledged, n=20)[-1],
        "answered_p50_ms": statistics.median(answered),
        "answered_p95_ms": statistics.quantiles(answered, n=20)[-1],
    }


def tell(results: list[dict[str, float]]) -> None:
    """Print the table and write the JSON."""
    table = Table(*(name.replace("_", " ") for name in results[0]), title="Orders, round trip")
    for result in results:
        table.add_row(*(f"{value:.0f}" for value in result.values()))
    Console().print(table)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
