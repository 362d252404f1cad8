"""The real Telegraf against servers of machines, to a real Kafka."""

import os
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from energytrack.bus import Bus, Source
from energytrack.bus.open import open_bus
from energytrack.clock import SystemClock
from energytrack.decoding.decoded import Decoded
from energytrack.decoding.decoder import ReadingDecoder
from energytrack.errors import MalformedMessage
from energytrack.messages import Reading
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS, TOPICS
from local.site import Site
from testkit.gateways.telegraf import why_missing
from testkit.stack.servers import eventually, site_in

PATIENCE: Final = 60.0


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Build it before the first test: within a test, a busy machine has too little time for that."""
    if not session.config.option.collectonly:
        why_missing()


@pytest.fixture(scope="session", autouse=True)
def telegraf() -> None:
    """Every test here needs it."""
    reason = why_missing()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def topic_prefix() -> str:
    return f"g{os.getpid()}."


@pytest.fixture(scope="session")
def kafka_env(kafka_servers: str, topic_prefix: str) -> dict[str, str]:
    return {"ENERGYTRACK_KAFKA_SERVERS": kafka_servers, "ENERGYTRACK_KAFKA_TOPIC_PREFIX": topic_prefix}


@pytest.fixture(scope="session")
def bus(kafka_env: dict[str, str]) -> Bus:
    opened = open_bus(KafkaSettings.from_env(kafka_env), "test")
    opened.create_topics(TOPICS)
    return opened


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Ports and a folder for the servers of a module."""
    return site_in(tmp_path_factory.mktemp("gateway"))


class Arriving:
    """The readings that arrive in Kafka, as the services understand them.

    A test that changes a machine waits, after it has set it right, until that has arrived, too: on a busy computer, the
    readings from before come seconds later, and the next test, whichever it is, would take them for its own.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._decoder = ReadingDecoder()
        self._clock = SystemClock()
        self.seen: list[Reading] = []
        self.raw: list[bytes] = []
        self.problems: list[object] = []

    def take(self) -> list[Reading]:
        """What has come since the last call."""
        fresh: list[Reading] = []
        for record in self._source.take(1000, 0.2):
            self.raw.append(record.value or b"")
            try:
                reading = self._decoder.decode(record.value, self._clock.now())
            except MalformedMessage as error:
                self.problems.append(error)
                continue
            if isinstance(reading, Decoded):
                self.problems += [*reading.problems, *reading.refused]
                fresh += [each for each in reading.messages if isinstance(each, Reading)]
            else:
                fresh.append(reading)
        self.seen += fresh
        return fresh

    def first(self, holds: Callable[[Reading], bool], *, device: str | None = None) -> Reading:
        """The next reading for which that holds."""
        found = eventually(
            lambda: next((r for r in self.take() if device in {None, r.device_id} and holds(r)), None), PATIENCE
        )
        assert found is not None
        return found


@pytest.fixture
def arriving(bus: Bus) -> Iterator[Arriving]:
    source = bus.source(f"seen-{os.urandom(4).hex()}", [READINGS], start="latest", linger=0.0)
    eventually(lambda: source.take(1, 0.1) or source.partitions(), PATIENCE)
    yield Arriving(source)
    source.close()
