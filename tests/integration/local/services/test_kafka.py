"""Three brokers keep three copies: one is killed, nothing is lost, and what is sent meanwhile is taken."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS, TOPICS
from local.errors import CannotPrepare
from local.lifecycle.child import Child
from local.services.kafka import kafka_services, prepare_kafka
from local.site import Site
from testkit.stack.servers import eventually, site_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not os.environ.get("ENERGYTRACK_THREE_BROKERS"),
        reason="three brokers are tried by `make test-brokers`: they take two minutes of two cores",
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return replace(site_in(tmp_path_factory.mktemp("three")), brokers=3)


@pytest.fixture(scope="module")
def brokers(site: Site) -> Iterator[dict[str, Child]]:
    """All at once: none of them answers before two are there."""
    prepare_kafka(site)
    with ExitStack() as stack:
        children = {service.name: Child(service, site) for service in kafka_services(site)}
        for child in children.values():
            stack.callback(child.kill)
        for child in children.values():
            child.wait_until_ready(deadline=120)
        yield children


def test_a_killed_broker_costs_nothing(site: Site, brokers: dict[str, Child]) -> None:
    bus = open_bus(KafkaSettings(servers=site.kafka_servers, replication=3), "test")
    bus.create_topics(TOPICS)
    seen: list[int] = []
    with closing(bus.sink()) as sink, closing(bus.source("readers", [READINGS])) as source:

        def has(most: int) -> bool:
            seen.extend(int(record.value or b"") for record in source.take(1000, 0.2))
            return set(range(most)) <= set(seen)

        for number in range(200):
            sink.put(READINGS, f"cnc-{number % 20:04d}", str(number).encode())
        sink.flush()
        eventually(lambda: has(200), 60.0)
        brokers["kafka"].kill()
        for number in range(200, 400):
            sink.put(READINGS, f"cnc-{number % 20:04d}", str(number).encode())
        sink.flush()
        eventually(lambda: has(400), 60.0)


def test_a_folder_keeps_its_number_of_brokers(site: Site, brokers: dict[str, Child]) -> None:
    assert set(brokers) == {"kafka", "kafka_2", "kafka_3"}
    with pytest.raises(CannotPrepare, match="was begun with 3 of Kafka's brokers"):
        prepare_kafka(replace(site, brokers=1))


def test_each_broker_has_a_folder_and_a_number_of_its_own(site: Site, brokers: dict[str, Child]) -> None:
    assert len(brokers) == len({Path(site.var / name).resolve() for name in site.broker_names})
