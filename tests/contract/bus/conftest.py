"""The memory bus, and both Kafka clients on a real broker."""

from collections.abc import Callable, Iterator

import pytest

from energytrack.bus import Bus, Source
from energytrack.bus.memory import MemoryBus
from energytrack.bus.open import open_bus
from tests.contract.bus.traffic import KAFKA_CLIENTS, PARTITIONS, TOPICS, settings_for


@pytest.fixture(params=("memory", *KAFKA_CLIENTS))
def bus(request: pytest.FixtureRequest, topic_prefix: str) -> Bus:
    if request.param == "memory":
        return MemoryBus(partitions=PARTITIONS)
    servers: str = request.getfixturevalue("kafka_servers")
    bus = open_bus(settings_for(request.param, servers, topic_prefix), "contract")
    bus.create_topics(TOPICS)
    return bus


@pytest.fixture(params=KAFKA_CLIENTS)
def kafka_bus(request: pytest.FixtureRequest, topic_prefix: str, kafka_servers: str) -> Bus:
    bus = open_bus(settings_for(request.param, kafka_servers, topic_prefix), "contract")
    bus.create_topics(TOPICS)
    return bus


@pytest.fixture
def joined() -> Iterator[Callable[[Source], Source]]:
    """Sources that are closed after the test, whatever became of it."""
    sources: list[Source] = []

    def remember(source: Source) -> Source:
        sources.append(source)
        return source

    yield remember
    for source in sources:
        source.close()
