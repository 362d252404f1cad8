"""A member of librdkafka that leaves its group while a rebalance is under way: on a real broker."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Consumer, ConsumerGroupState, KafkaException
from confluent_kafka.admin import AdminClient

from energytrack.bus import Bus, Source, limits
from energytrack.bus.confluent import source as confluent_source
from energytrack.bus.open import open_bus
from energytrack.topics import READINGS
from testkit.stack.servers import eventually
from tests.contract.bus.traffic import DEVICES, TOPICS, put, settings_for, take

GROUPS = [f"group-{number}" for number in range(8)]

asked: list[str] = []
"""What a consumer was asked for from its own callbacks while it closed."""


class WatchedConsumer(Consumer):  # type: ignore[misc]  # the library is untyped
    """Refuses what would abort the process, or never return, now and then."""

    closing = False

    def close(self) -> None:
        self.closing = True
        super().close()

    def _ask(self, name: str, *args: Any, **options: Any) -> Any:
        if self.closing:
            asked.append(name)
            return []
        return getattr(super(), name)(*args, **options)

    def commit(self, *args: Any, **options: Any) -> Any:
        return self._ask("commit", *args, **options)

    def committed(self, *args: Any, **options: Any) -> Any:
        return self._ask("committed", *args, **options)


@pytest.fixture
def bus(topic_prefix: str, kafka_servers: str, monkeypatch: pytest.MonkeyPatch) -> Bus:
    asked.clear()
    monkeypatch.setattr(confluent_source, "Consumer", WatchedConsumer)
    bus = open_bus(settings_for("confluent", kafka_servers, topic_prefix), "contract")
    bus.create_topics(TOPICS)
    return bus


@pytest.fixture
def reached(topic_prefix: str, kafka_servers: str) -> Callable[[ConsumerGroupState], bool]:
    """Returns when all groups are in a state."""
    admin = AdminClient({"bootstrap.servers": kafka_servers})

    def is_in(group: str, wanted: ConsumerGroupState) -> bool:
        try:
            described = admin.describe_consumer_groups([topic_prefix + group], request_timeout=5.0)
            return described[topic_prefix + group].result(5.0).state is wanted
        except (KafkaException, TimeoutError):  # the broker does not know it yet
            return False

    def are(wanted: ConsumerGroupState) -> bool:
        return all(is_in(group, wanted) for group in GROUPS)

    return lambda wanted: bool(eventually(lambda: are(wanted)))


def close(members: list[Source]) -> None:
    """All at once within seconds: none waits for something that never comes."""
    begun = time.monotonic()
    for member in members:
        member.close()
    assert time.monotonic() - begun < limits.SESSION_SECONDS
    assert not asked


def test_a_member_may_leave_before_it_knows_its_partitions(
    bus: Bus, reached: Callable[[ConsumerGroupState], bool]
) -> None:
    """The library has the partitions already, and reports them while it closes."""
    members = [bus.source(group, [READINGS]) for group in GROUPS]
    for member in members:
        member.take(1, 0.0)
    reached(ConsumerGroupState.STABLE)
    close(members)


def test_a_member_may_leave_before_it_knows_that_another_one_came(
    bus: Bus, reached: Callable[[ConsumerGroupState], bool]
) -> None:
    """A heartbeat has told the library; a commit from its callback would come beside the group's end."""
    put(bus, DEVICES)
    members = [bus.source(group, [READINGS]) for group in GROUPS]
    for member in members:
        take(member, len(DEVICES))
        member.commit()
    others = [bus.source(group, [READINGS]) for group in GROUPS]
    for other in others:
        other.take(1, 0.0)
    reached(ConsumerGroupState.PREPARING_REBALANCING)
    heartbeat = threading.Event()  # nothing tells of it but the callback itself, which must come while it closes
    heartbeat.wait(limits.HEARTBEAT_SECONDS + 0.5)
    close(members)
    close(others)
    successor = bus.source(GROUPS[0], [READINGS])
    put(bus, ["late"])
    assert [record.key for record in take(successor, 1)] == [b"late"]
    close([successor])
