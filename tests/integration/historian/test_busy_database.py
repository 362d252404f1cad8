"""Somebody counts readings without an index, again and again, while the historian files."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client import CollectorRegistry
from pymongo import MongoClient
from pymongo.collection import Collection

from energytrack.clock import ManualClock
from local.services.mongo import mongo_uri as mongo_uri_of
from testkit.builders.control import a_store
from testkit.builders.messages import NOW, a_reading
from testkit.stack.servers import mongo_running, site_in
from tests.integration.historian.filings import a_filing, taken

STORED: Final = 10_000
MACHINES: Final = [f"cnc-{number:04d}" for number in range(1, 21)]
COUNTS: Final = 6
"""How many counts have to go by while the historian files."""
TURNS: Final = 3
"""How often it has to file, however many counts go by meanwhile."""


@contextmanager
def counting(readings: Collection[dict[str, Any]]) -> Iterator[list[float]]:
    """Somebody's counts over all readings, one after the other; the seconds that each took."""
    took: list[float] = []
    stop = threading.Event()

    def count() -> None:
        while not stop.is_set():
            began = time.monotonic()
            assert readings.count_documents({"temperature": {"$gt": 1000}}) == 0
            took.append(time.monotonic() - began)

    somebody = threading.Thread(target=count)
    somebody.start()
    try:
        yield took
    finally:
        stop.set()
        somebody.join()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_historian_files_while_somebody_counts(tmp_path: Path, clock: ManualClock) -> None:
    """Every write within its time limit: none is tried again, so *DatabaseAway* stays silent.

    *StageStopped*, the other critical alert, needs a minute without progress.
    """
    site = site_in(tmp_path)
    registry = CollectorRegistry()
    with (
        mongo_running(site),
        closing(a_store(mongo_uri_of(site), "busy")) as store,
        closing(MongoClient[dict[str, Any]](mongo_uri_of(site))) as somebody,
    ):
        store.prepare()
        readings = somebody["busy"]["readings"]
        for first in range(0, STORED, 5_000):
            readings.insert_many([stored(number) for number in range(first, first + 5_000)])
        filing = a_filing(store, clock, registry=registry)
        longest, turns = 0.0, 0
        with counting(readings) as counts:
            while len(counts) < COUNTS or turns < TURNS:
                began = time.monotonic()
                moment = NOW + timedelta(seconds=turns)
                filing.handle(taken([a_reading(name, timestamp=moment) for name in MACHINES]))
                clock.advance(1)
                filing.settle()
                longest, turns = max(longest, time.monotonic() - began), turns + 1
        assert longest < 60
        for name in (MACHINES[0], MACHINES[-1]):
            assert store.readings.count(name, since=NOW, until=NOW + timedelta(days=1)) == turns
        assert registry.get_sample_value("energytrack_store_failures_total") == 0.0


def stored(number: int) -> dict[str, Any]:
    """A reading of a second before now."""
    moment = NOW - timedelta(seconds=1 + number)
    return {"device": {"id": MACHINES[number % 20]}, "timestamp": moment, "temperature": 60.0}
