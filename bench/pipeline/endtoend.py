"""The whole pipeline on one computer: broker, database, Prometheus and all services, at a given rate of readings.

The stack is the local one, as started by `make up`, with its own ports and folder. The plant has as many devices as the
rate, each sends one reading a second, and no reading is late or repeated, so all counts can be compared.
"""

import os
import shutil
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import psutil
from kafka import TopicPartition
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from bench.pipeline.clients import consumer
from bench.pipeline.load import QUIET
from bench.pipeline.tap import LatencySampler
from energytrack.bus.open import open_bus
from energytrack.clock import SystemClock
from energytrack.security.rights import ADMIN
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from energytrack.topics import INSIGHTS, READINGS
from local.lifecycle.stack import start
from local.lifecycle.stop import take_down
from local.lifecycle.supervisord import Supervisor, connected
from local.services.access import kafka_settings
from local.services.catalogue import steps
from local.services.mongo import mongo_uri
from local.site import Site
from testkit.stack.servers import eventually, free_ports

INDEXED_UP_TO: Final = 1000
"""Devices; a larger plant uses a MongoDB server (docs/scaling.md), and SecantusDB stores without its index."""
WARM_SECONDS: Final = 200
"""Seconds before the measurement; a machine is scored from its third minute on."""
DRAIN_SECONDS: Final = 180


@dataclass(frozen=True)
class Flow:
    """Messages so far, by what happened to them."""

    produced: int
    scored: int
    insights: int
    stored: int
    exported: int


@dataclass(frozen=True)
class ResourceUse:
    """The resources of a service during the measurement."""

    cores: float
    memory_mib: float


@dataclass(frozen=True)
class RateResult:
    rate: int
    seconds: float
    produced_per_second: float
    produced: int
    scored: int
    stored_distinct: int
    exported: int
    latency_seconds: Mapping[str, float]
    """p50, p95 and p99 from a reading's timestamp to its insight on Kafka."""
    scrape_seconds: float
    """Median time of a GET of the exporters' /metrics."""
    behind: int
    """Readings produced and not yet scored when the clock stopped: a second's worth is in transit, more is lag."""
    use: Mapping[str, ResourceUse]
    indexed: bool
    """Whether the store kept its index of readings."""

    @property
    def lost(self) -> int:
        """Produced readings that are missing in any stage; should be 0."""
        return self.produced - min(self.scored, self.stored_distinct, self.exported)


def measure(rate: int, folder: Path, *, seconds: float, console: Console) -> RateResult:
    """Start the stack with this checkout's model, let it run, stop the plant, wait for all readings, and count."""
    os.environ.update(QUIET, ENERGYTRACK_MONGO_INDEX_READINGS="true" if rate <= INDEXED_UP_TO else "false")
    site = Site(var=folder, ports=free_ports(), devices=rate)
    with _stack(site, console) as supervisor:
        time.sleep(WARM_SECONDS)
        return _run(site, supervisor, rate, seconds)


def _run(site: Site, supervisor: Supervisor, rate: int, seconds: float) -> RateResult:
    bus = open_bus(kafka_settings(site, ADMIN), "bench")
    tap = LatencySampler(bus)
    tap.start()
    processes = {process.name: psutil.Process(process.pid) for process in supervisor.processes() if process.pid}
    began, cpu_before, before = time.monotonic(), {name: _cpu(p) for name, p in processes.items()}, flow(site)
    scrapes = []
    while time.monotonic() - began < seconds:
        scrapes.append(_scrape(site))
        time.sleep(5)
    lasted, cpu_after, after = time.monotonic() - began, {n: _cpu(p) for n, p in processes.items()}, flow(site)
    memory = {name: _memory(process) for name, process in processes.items()}
    latencies = tap.stop()
    supervisor.stop("simulator")
    final = _drained(site, after)
    return RateResult(
        rate=rate,
        seconds=lasted,
        produced_per_second=(after.produced - before.produced) / lasted,
        produced=final.produced,
        scored=final.scored,
        stored_distinct=_distinct(site),
        exported=final.exported,
        latency_seconds=dict(
            zip(("p50", "p95", "p99"), np.percentile(latencies, (50, 95, 99)).round(3).tolist(), strict=True)
        ),
        scrape_seconds=float(np.median(scrapes)),
        behind=after.produced - after.scored,
        use={name: ResourceUse((cpu_after[name] - cpu_before[name]) / lasted, memory[name]) for name in processes},
        indexed=rate <= INDEXED_UP_TO,
    )


@contextmanager
def _stack(site: Site, console: Console) -> Iterator[Supervisor]:
    home = Site()
    for folder in ("models", "secrets"):  # the model, and the key that it is signed with
        shutil.copytree(home.var / folder, site.var / folder)
    try:
        start(site, console=console, clock=SystemClock(), foreground=True)
        with connected(site) as supervisor:
            if supervisor is None:
                raise RuntimeError("the stack did not start")
            yield supervisor
    finally:
        take_down(site, steps(site), clock=SystemClock(), report=console.print)


def flow(site: Site) -> Flow:
    """The counters of each stage."""
    ports = site.ports
    return Flow(
        produced=_on_topic(site, READINGS),
        scored=_counter(site, ports.ml_consumer, "received", READINGS),
        insights=_counter(site, ports.ml_consumer, "emitted", INSIGHTS),
        stored=_counter(site, ports.historian, "received", READINGS),
        exported=_counter(site, ports.exporters, "received", READINGS),
    )


def _counter(site: Site, port: int, which: str, topic: str) -> int:
    page = _get(site.url(port, "/metrics"))
    own = "\n".join(line for line in page.splitlines() if "energytrack_pipeline_" in line)  # not all of its machines
    families = text_string_to_metric_families(own)
    return round(
        sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == f"energytrack_pipeline_{which}_total" and sample.labels.get("topic") == topic
        )
    )


def _drained(site: Site, since: Flow) -> Flow:
    """The counts when nothing has changed for a second, or after the deadline."""
    last = [since]

    def still() -> bool:
        earlier, last[0] = last[0], flow(site)
        return earlier == last[0] and min(last[0].scored, last[0].stored, last[0].exported) >= last[0].produced

    with suppress(AssertionError):  # the counts show what is missing
        eventually(still, DRAIN_SECONDS, pause=1.0)
    return last[0]


def _on_topic(site: Site, topic: str) -> int:
    """The messages of a topic on the broker, which were really produced."""
    with closing(consumer(site)) as client:
        parts = [TopicPartition(topic, number) for number in client.partitions_for_topic(topic) or ()]
        return sum(client.end_offsets(parts).values())


def _distinct(site: Site) -> int:
    store = open_store(MongoSettings(uri=mongo_uri(site)))
    now = datetime.now(UTC)
    return sum(store.readings.counts(since=now - timedelta(hours=2), until=now + timedelta(hours=1)).values())


def _scrape(site: Site) -> float:
    began = time.perf_counter()
    _get(site.url(site.ports.exporters, "/metrics"))
    return time.perf_counter() - began


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def _cpu(process: psutil.Process) -> float:
    tree = [process, *process.children(recursive=True)]
    return sum(times.user + times.system for times in (member.cpu_times() for member in tree))


def _memory(process: psutil.Process) -> float:
    return float(sum(member.memory_info().rss for member in [process, *process.children(recursive=True)]) / 2**20)
