"""What the kafka-python adapter makes of its library's ways, against a stand-in for the library's consumer."""

import math
from typing import Any

import pytest
from kafka.errors import (
    CommitFailedError,
    KafkaError,
    NodeNotReadyError,
    RebalanceInProgressError,
    TopicAuthorizationFailedError,
)
from structlog.testing import capture_logs

from energytrack.bus.kafka.source import KafkaSource
from energytrack.bus.link import ConnectionState
from energytrack.errors import BusUnavailable


class Heartbeat:
    """What the library knows of the answers to its heartbeats."""

    last_receive = -math.inf


class Coordinator:
    """Knows of a join that has begun, and whether somebody asked for it to go on."""

    rejoining = False
    asked = 0
    heartbeat = Heartbeat()

    def request_rejoin(self) -> None:
        self.asked += 1


class Fetcher:
    """Where the library reads batches."""

    PartitionRecords = object


class ConsumerStandIn:
    """Answers polls and commits with what a test gives it."""

    def __init__(self) -> None:
        self._fetcher = Fetcher()
        self._coordinator = Coordinator()
        self.failure: KafkaError | None = None
        self.topics: list[str] = []
        self.closed: dict[str, Any] = {}

    def subscribe(self, topics: list[str]) -> None:
        self.topics = topics

    def poll(self, **_: Any) -> dict[Any, Any]:
        if self.failure:
            raise self.failure
        return {}

    def commit(self, **_: Any) -> None:
        if self.failure:
            raise self.failure

    def close(self, **how: Any) -> None:
        self.closed = how


@pytest.fixture
def consumer() -> ConsumerStandIn:
    return ConsumerStandIn()


@pytest.fixture
def source(consumer: ConsumerStandIn) -> KafkaSource:
    return KafkaSource(
        lambda: consumer, ConnectionState("a:9092"), topics=["readings"], user="historian", prefix="north."
    )


def test_a_join_that_outlived_a_poll_is_gone_on_with(source: KafkaSource, consumer: ConsumerStandIn) -> None:
    """Or the member waits for ever, without partitions and without heartbeats."""
    source.take(1, 0.0)
    assert consumer._coordinator.asked == 0
    consumer._coordinator.rejoining = True
    source.take(1, 0.0)
    assert consumer._coordinator.asked == 1


def test_the_prefix_is_put_before_the_topics(source: KafkaSource, consumer: ConsumerStandIn) -> None:
    """The code knows the plain names only."""
    source.take(1, 0.0)
    assert consumer.topics == ["north.readings"]


def test_trouble_that_passes_is_an_empty_take(source: KafkaSource, consumer: ConsumerStandIn) -> None:
    """The library tries again by itself."""
    consumer.failure = NodeNotReadyError("1")
    assert not source.take(1, 0.0)


def test_trouble_that_does_not_pass_is_raised(source: KafkaSource, consumer: ConsumerStandIn) -> None:
    """Nobody but an administrator can change a right."""
    source.take(1, 0.0)
    consumer.failure = TopicAuthorizationFailedError("north.readings")
    with pytest.raises(BusUnavailable, match=r"north\.readings"):
        source.take(1, 0.0)
    with pytest.raises(BusUnavailable, match=r"north\.readings"):
        source.commit()


@pytest.mark.parametrize("failure", [CommitFailedError(), RebalanceInProgressError(), NodeNotReadyError("1")])
def test_a_commit_that_comes_too_late_is_no_error(
    source: KafkaSource, consumer: ConsumerStandIn, failure: KafkaError
) -> None:
    """The records are taken again."""
    source.take(1, 0.0)
    consumer.failure = failure
    source.commit()


def test_leaving_commits_nothing(source: KafkaSource, consumer: ConsumerStandIn) -> None:
    """What was taken and not committed belongs to the next."""
    source.take(1, 0.0)
    source.close()
    assert consumer.closed["autocommit"] is False


def test_a_broker_that_is_away_costs_one_word() -> None:
    """Takes are empty until it is back; that it was away is said once, and that it is back."""
    consumer = ConsumerStandIn()
    away = [BusUnavailable("a:9092", "connection refused")] * 3

    def connect() -> ConsumerStandIn:
        if away:
            raise away.pop()
        return consumer

    source = KafkaSource(connect, ConnectionState("a:9092"), topics=["readings"], prefix="", user=None)
    with capture_logs() as said:
        for _ in range(5):
            assert not source.take(1, 0.001)
    assert [line["event"] for line in said] == [
        "kafka does not answer, trying again until it does",
        "kafka answers again",
    ]


def test_a_long_batch_is_no_silence_of_the_broker(
    source: KafkaSource, consumer: ConsumerStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who did not ask for a while waits for nobody; who asks and hears nothing for ten seconds does."""
    now = [1000.0]
    monkeypatch.setattr("energytrack.bus.kafka.source.time.monotonic", lambda: now[0])
    source.take(1, 0.0)
    with capture_logs() as said:
        now[0] += 500.0
        source.take(1, 0.0)
        assert said == []
        for _ in range(6):
            now[0] += 2.5
            source.take(1, 0.0)
    assert [line["event"] for line in said] == ["kafka does not answer, trying again until it does"]
