"""How new the newest messages are, asked of a real broker; and what is said where there is none."""

import socket
import threading
import time
from contextlib import closing

import pytest

from energytrack.bus import Bus
from energytrack.bus.kafka.newest import ANSWER_SECONDS, NewestMessages
from energytrack.bus.limits import PING_SECONDS, SILENT_CONNECTION_SECONDS
from energytrack.errors import BusUnavailable
from energytrack.settings import KafkaSettings
from energytrack.topics import EVENTS, READINGS
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, free_ports

pytestmark = pytest.mark.slow


def test_each_partition_with_messages_has_the_time_of_its_newest(
    bus: Bus, kafka_servers: str, topic_prefix: str
) -> None:
    begun = time.time()
    readings, events = topic_prefix + READINGS, topic_prefix + EVENTS
    with closing(bus.sink()) as sink:
        for key in ("cnc-0001", "cnc-0002", "cnc-0003", "cnc-0004"):
            sink.put(READINGS, key, b"{}")
        sink.flush()
    broker = NewestMessages(KafkaSettings(servers=kafka_servers), "test")
    found = broker.of([readings, events, topic_prefix + "no-such-topic"])
    assert found
    assert {topic for topic, _ in found} == {readings}
    assert all(begun - 1 <= newest <= time.time() + 1 for newest in found.values())
    with closing(bus.sink()) as sink:
        sink.put(READINGS, "cnc-0001", b"{}")
        sink.flush()
    again = broker.of([readings])
    assert {at for at in found if again[at] > found[at]} == {max(again, key=lambda at: again[at])}


def test_a_broker_that_says_nothing_ends_no_wait_and_no_later_question() -> None:
    """A connection that is taken and on which nothing comes back, as on a cut line."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers = f"127.0.0.1:{silent.getsockname()[1]}"
        broker = NewestMessages(KafkaSettings(servers=servers), "test")
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(BusUnavailable, match=servers):
                broker.of([READINGS])
            assert time.monotonic() - begun < ANSWER_SECONDS + seconds_here(5)


def test_without_a_broker_it_says_so_within_seconds() -> None:
    servers = f"127.0.0.1:{free_ports().kafka}"
    with pytest.raises(BusUnavailable, match=servers):
        NewestMessages(KafkaSettings(servers=servers), "test").of([READINGS])


def test_a_question_that_an_encrypted_connection_leaves_open_ends_and_leaves_nothing_behind() -> None:
    """A broker that is frozen takes connections, and never begins to encrypt them."""

    def asking() -> set[str]:
        return {each.name for each in threading.enumerate() if each.name == "newest" or "kafka-io-silent" in each.name}

    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers = f"127.0.0.1:{silent.getsockname()[1]}"
        settings = KafkaSettings(servers=servers, security_protocol="SSL")
        with pytest.raises(BusUnavailable, match=servers):
            NewestMessages(settings, "silent").of([READINGS])
        assert asking()
        eventually(lambda: not asking(), PING_SECONDS + SILENT_CONNECTION_SECONDS + seconds_here(10))
