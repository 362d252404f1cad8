"""What services are tested with: topics and a database of the test's own, in their settings."""

import gc
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from energytrack.bus import Bus
from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.site import Site
from testkit.stack.servers import site_in


@pytest.fixture(scope="session")
def first_models(run_folder: Path) -> Path:
    """Where the first model lies that stacks of this run share, in whichever process they are."""
    return run_folder / "first-models"


@pytest.fixture
def kafka_env(kafka_servers: str, topic_prefix: str) -> Mapping[str, str]:
    return {"ENERGYTRACK_KAFKA_SERVERS": kafka_servers, "ENERGYTRACK_KAFKA_TOPIC_PREFIX": topic_prefix}


@pytest.fixture
def mongo_env(mongo_uri: str, mongo_database: str) -> Mapping[str, str]:
    return {"ENERGYTRACK_MONGO_URI": mongo_uri, "ENERGYTRACK_MONGO_DATABASE": mongo_database}


@pytest.fixture
def bus(kafka_env: Mapping[str, str]) -> Bus:
    opened = open_bus(KafkaSettings.from_env(kafka_env), "test")
    opened.create_topics(TOPICS)
    return opened


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return site_in(tmp_path)


@pytest.fixture(scope="module")
def kafka_sockets_collected() -> Iterator[None]:
    """kafka-python leaves a socket behind where a broker goes away while it connects; no later test hears of it."""
    yield
    gc.collect()
