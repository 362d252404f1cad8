"""Topics that are created again, or late."""

import time
from collections.abc import Callable

import pytest

from energytrack.bus import Bus, Source, limits
from energytrack.bus.open import open_bus
from energytrack.topics import READINGS
from testkit.patience import seconds_here
from tests.contract.bus.traffic import DEVICES, KAFKA_CLIENTS, PARTITIONS, TOPICS, put, settings_for, take


def test_create_topics_leaves_existing_ones_alone(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Creating topics again changes nothing."""
    put(bus, DEVICES)
    bus.create_topics(TOPICS)
    assert len(take(joined(bus.source("g", [READINGS])), len(DEVICES))) == len(DEVICES)


@pytest.mark.parametrize("client", KAFKA_CLIENTS)
def test_a_topic_that_is_created_late_is_noticed(
    client: str,
    kafka_servers: str,
    topic_prefix: str,
    joined: Callable[[Source], Source],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A member that joined before its topic was there gets its partitions, however short its takes are."""
    monkeypatch.setattr(limits, "METADATA_SECONDS", 1)
    bus = open_bus(settings_for(client, kafka_servers, topic_prefix), "contract")
    member = joined(bus.source("g", [READINGS]))
    for _ in range(10):
        member.take(10, 0.1)
    bus.create_topics(TOPICS)
    begun = time.monotonic()
    while len(member.partitions()) < PARTITIONS:
        assert time.monotonic() - begun < seconds_here(40.0), member.partitions()
        member.take(10, 0.002)
