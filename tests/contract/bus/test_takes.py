"""How much a take brings, how long it waits and where it starts: on every bus, with both Kafka clients."""

import threading
import time
from collections.abc import Callable

from energytrack.bus import Bus, Source
from energytrack.topics import READINGS
from testkit.patience import seconds_here
from tests.contract.bus.traffic import DEVICES, PARTITIONS, nothing_more, put, shared_out, take


def test_a_take_is_limited(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A take brings `limit` records at most, and the rest comes with the next ones."""
    put(bus, DEVICES)
    source = joined(bus.source("g", [READINGS]))
    sizes: list[int] = []
    while sum(sizes) < len(DEVICES):
        sizes.append(len(source.take(7, 0.5)))
    assert max(sizes) <= 7
    assert sum(sizes) == len(DEVICES)


def test_latest_starts_at_the_end(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A new group that starts at the latest takes only what is put after it joined."""
    put(bus, ["early"])
    source = joined(bus.source("g", [READINGS], start="latest"))
    shared_out([source], each=PARTITIONS)
    assert nothing_more(source)
    put(bus, ["late"])
    assert [record.key for record in take(source, 1)] == [b"late"]


def test_a_take_waits_as_long_as_it_was_asked_to(kafka_bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Without records a take returns after `wait`; with one it returns at once."""
    source = joined(kafka_bus.source("g", [READINGS], linger=0.0))
    shared_out([source], each=PARTITIONS)
    begin = time.monotonic()
    assert not source.take(10, 0.5)
    assert 0.4 <= time.monotonic() - begin < seconds_here(1.5)
    late = threading.Timer(0.3, put, (kafka_bus, ["cnc-0001"]))
    late.start()
    begin = time.monotonic()
    while not (records := source.take(10, 10.0)):
        pass
    assert time.monotonic() - begin < seconds_here(5.0)
    assert [record.key for record in records] == [b"cnc-0001"]
    late.join()
