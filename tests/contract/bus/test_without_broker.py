"""A broker answers a ping; where there is none, everything gives up in time."""

import time

import pytest

from energytrack.bus import Bus, limits
from energytrack.bus.open import open_bus
from energytrack.errors import BusUnavailable, DeliveryFailed
from energytrack.topics import READINGS
from testkit.patience import seconds_here
from tests.contract.bus.traffic import KAFKA_CLIENTS, put_one, settings_for


def test_ping_answers(bus: Bus) -> None:
    """A ping returns where there is a broker."""
    bus.ping()


@pytest.mark.parametrize("client", KAFKA_CLIENTS)
def test_ping_gives_up(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a broker a ping raises after a few seconds, and names the address."""
    monkeypatch.setattr(limits, "PING_SECONDS", 1)
    with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1:1: connection refused"):
        open_bus(settings_for(client, "127.0.0.1:1", ""), "contract").ping()


@pytest.mark.parametrize("client", KAFKA_CLIENTS)
def test_without_a_broker_a_take_is_empty(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start order needs nobody: a member without a broker takes nothing, soon, commits nothing, and closes."""
    monkeypatch.setattr(limits, "CONNECT_SECONDS", 0.5)
    source = open_bus(settings_for(client, "127.0.0.1:1", ""), "contract").source("g", [READINGS])
    begin = time.monotonic()
    assert not source.take(10, 0.5)
    source.commit()
    assert source.partitions() == frozenset()
    source.close()
    assert time.monotonic() - begin < seconds_here(3.0)


@pytest.mark.parametrize("client", KAFKA_CLIENTS)
def test_a_sink_without_patience_gives_up(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a person waits, a put or its flush fails within the given seconds."""
    monkeypatch.setattr(limits, "CONNECT_SECONDS", 0.5)
    sink = open_bus(settings_for(client, "127.0.0.1:1", ""), "contract").sink(patience=2.0)
    begin = time.monotonic()
    with pytest.raises((BusUnavailable, DeliveryFailed)):
        put_one(sink)
    assert time.monotonic() - begin < seconds_here(8.0)
