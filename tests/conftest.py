"""What every test may ask for: real servers, started once a session and only when asked for, and names of its own."""

import gc
import logging
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import pytest
import structlog
from hypothesis import HealthCheck, settings
from pymongo import MongoClient, monitoring

from energytrack.store import Store
from local.errors import CannotPrepare
from local.services.mongo import mongo_uri as mongo_uri_of
from local.site import Site
from testkit.builders.control import a_store
from testkit.rules.mongo import RulesListener
from testkit.stack.java import OPTIONS, quick_start
from testkit.stack.servers import kafka_running, mongo_running, site_in
from tests.order import longest_first

BUSY: Final = 4
"""How many times as long a test may take on a machine that does other things as well."""

WITHOUT_SERVERS: Final = ("tests/unit/", "tests/property/")

# How long an example takes says what else the machine does.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("any machine"), max_examples=20)  # `make check`
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test's own time limit ends what hangs; on a busy machine it must not end what is only slow."""
    items[:] = longest_first(items)
    for item in items:
        limit = item.get_closest_marker("timeout")
        if limit is not None:
            item.add_marker(pytest.mark.timeout(BUSY * limit.args[0]), append=False)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no search for garbage has to look through it again."""
    gc.freeze()


watch: Final = RulesListener()
monitoring.register(watch)  # of all clients that are made from now on


@pytest.fixture(autouse=True)
def rules_of_mongodb_are_kept() -> Iterator[None]:
    """The tests' database forgives what MongoDB refuses (docs/tests.md)."""
    yield
    assert watch.taken() == []


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A service that a test ran in this process leaves no log behind that tells others less."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def java_starts_quickly(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Brokers of tests, also those of a whole stack, are ready in half the time; tests without servers have none."""
    with pytest.MonkeyPatch.context() as environment:
        if any(not item.nodeid.startswith(WITHOUT_SERVERS) for item in request.session.items):
            with suppress(CannotPrepare):  # whoever needs a broker says what is missing
                environment.setenv(OPTIONS, quick_start(tmp_path_factory.mktemp("java")))
        yield


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def kafka_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Where a real broker runs that the whole session shares."""
    site = site_in(tmp_path_factory.mktemp("kafka"))
    with kafka_running(site):
        yield site


@pytest.fixture(scope="session")
def kafka_servers(kafka_site: Site) -> str:
    """`host:port` of that broker."""
    return kafka_site.address(kafka_site.ports.kafka)


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


@pytest.fixture
def store(mongo_uri: str, mongo_database: str) -> Iterator[Store]:
    """A store on that database, prepared."""
    with closing(a_store(mongo_uri, mongo_database)) as opened:
        opened.prepare()
        yield opened
