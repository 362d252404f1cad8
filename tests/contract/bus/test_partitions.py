"""Where a message of a key lies, and in which order: on every bus, with both Kafka clients."""

from collections import defaultdict
from collections.abc import Callable

from energytrack.bus import Bus, Record, Source
from energytrack.bus.open import open_bus
from energytrack.topics import EVENTS, READINGS
from tests.contract.bus.traffic import DEVICES, KAFKA_CLIENTS, TOPICS, put, settings_for, take


def test_a_key_keeps_its_order(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """All messages of one key lie on one partition, in the order in which they were put."""
    put(bus, DEVICES, rounds=25)
    by_key: dict[bytes, list[Record]] = defaultdict(list)
    for record in take(joined(bus.source("g", [READINGS])), 1000):
        by_key[record.key or b""].append(record)
    assert len(by_key) == len(DEVICES)
    for key, records in by_key.items():
        assert {record.partition for record in records} == {records[0].partition}
        assert [record.value for record in records] == [key + b":%d" % number for number in range(25)]


def test_offsets_rise_by_one(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Within a partition, records carry the offsets 0, 1, 2 and so on."""
    put(bus, DEVICES)
    by_partition: dict[int, list[int]] = defaultdict(list)
    for record in take(joined(bus.source("g", [READINGS])), len(DEVICES)):
        by_partition[record.partition].append(record.offset)
    assert all(offsets == list(range(len(offsets))) for offsets in by_partition.values())


def test_a_key_has_one_partition_number_on_every_topic(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A device's readings and events lie on partitions of the same number."""
    put(bus, DEVICES, topic=READINGS)
    put(bus, DEVICES, topic=EVENTS)
    numbers: dict[bytes, set[int]] = defaultdict(set)
    for record in take(joined(bus.source("g", [READINGS, EVENTS])), 2 * len(DEVICES)):
        numbers[record.key or b""].add(record.partition)
    assert all(len(found) == 1 for found in numbers.values())


def test_both_clients_choose_the_same_partition(
    kafka_servers: str, topic_prefix: str, joined: Callable[[Source], Source]
) -> None:
    """A key's partition does not depend on the client library."""
    buses = [open_bus(settings_for(client, kafka_servers, topic_prefix), "contract") for client in KAFKA_CLIENTS]
    buses[0].create_topics(TOPICS)
    keys = [*DEVICES, "a", "presse-ä", "x" * 64]
    for bus in buses:
        put(bus, keys)
    numbers: dict[bytes, set[int]] = defaultdict(set)
    for record in take(joined(buses[0].source("g", [READINGS])), 2 * len(keys)):
        numbers[record.key or b""].add(record.partition)
    assert all(len(found) == 1 for found in numbers.values())
