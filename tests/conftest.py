"""What every test may ask for: real servers, started once a session and only when asked for, and names of its own."""

import logging
import uuid
from collections.abc import Iterator

import pytest
import structlog
from pymongo import MongoClient

from local.services.mongo import mongo_uri as mongo_uri_of
from testkit.servers import kafka_running, mongo_running, site_in


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A service that a test ran in this process leaves no log behind that tells others less."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def kafka_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a real broker that the whole session shares."""
    site = site_in(tmp_path_factory.mktemp("kafka"))
    with kafka_running(site):
        yield site.address(site.ports.kafka)


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real database that the whole session shares."""
    site = site_in(tmp_path_factory.mktemp("mongo"))
    with mongo_running(site):
        yield mongo_uri_of(site)


@pytest.fixture
def topic_prefix() -> str:
    """Put before topics and groups (`KafkaSettings.topic_prefix`), it gives a test its own."""
    return f"t{uuid.uuid4().hex[:10]}."


@pytest.fixture
def mongo_database(mongo_uri: str) -> Iterator[str]:
    """The name of a database of the test's own, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:10]}"
    yield name
    with MongoClient[dict[str, object]](mongo_uri) as client:
        client.drop_database(name)
