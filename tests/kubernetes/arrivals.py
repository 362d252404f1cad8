"""Which readings of the plant are where they belong: in the database, and in the topic of insights."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from kafka import KafkaConsumer, TopicPartition

from energytrack.decoding.parsing import parse_insight, parse_reading
from energytrack.plant import load_plant
from energytrack.topics import INSIGHTS, READINGS
from local.site import ROOT
from testkit.kubernetes import brokers
from tests.kubernetes.plant import ClusterPlant

Key = tuple[str, datetime]
"""A machine, and the time of its reading."""


class _AboutReading(Protocol):
    """A reading or its insight."""

    @property
    def device_id(self) -> str: ...

    @property
    def timestamp(self) -> datetime: ...


class PlantArrivals(NamedTuple):
    """Readings by what became of them, and how many machines sent them."""

    machines: int
    sent: int
    not_stored: int
    without_insight: int
    counted_twice: int


def arrivals(plant: ClusterPlant, *, since: datetime, until: datetime) -> PlantArrivals:
    """Of all readings of machines in [since, until); other meters have no insights."""
    meters = load_plant(ROOT / "plant.toml").meters
    messages = _written(plant, READINGS, parse_reading, since)
    sent = {key for key in messages if since <= key[1] < until and key[0] not in meters}
    machines = {machine for machine, _ in sent}
    scored = _written(plant, INSIGHTS, parse_insight, since)
    with plant.store() as store:
        stream = store.readings.stream(machines, since=since, until=until)
        stored = {(each.device_id, each.timestamp) for each in stream}
        queried = store.readings.counts(since=since, until=until)
    return PlantArrivals(
        machines=len(machines),
        sent=len(sent),
        not_stored=len(sent - stored),
        without_insight=len(sent - scored),
        counted_twice=sum(queried.get(machine, 0) for machine in machines) - len(stored),
    )


def _written(
    plant: ClusterPlant, topic: str, parse: Callable[[bytes, datetime], _AboutReading], since: datetime
) -> set[Key]:
    """All that Kafka has taken of a topic since then: a message comes there after its reading's own time."""
    consumer = KafkaConsumer(
        bootstrap_servers=plant.broker,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_plain_username=brokers.ADMINISTRATOR,
        sasl_plain_password=plant.secret(brokers.ADMINISTRATOR_SECRET, "password"),
        group_id=None,
        enable_auto_commit=False,
    )
    with closing(consumer) as client:
        parts = [TopicPartition(topic, number) for number in sorted(client.partitions_for_topic(topic) or ())]
        client.assign(parts)
        ends, found = client.end_offsets(parts), set[Key]()
        begins = client.offsets_for_times(dict.fromkeys(parts, int(since.timestamp() * 1000)))
        for part in parts:
            client.seek(part, begins[part].offset if begins.get(part) else ends[part])
        while any(client.position(part) < ends[part] for part in parts):
            for records in client.poll(timeout_ms=1000).values():
                for record in records:
                    about = parse(record.value, datetime.now(UTC))
                    found.add((about.device_id, about.timestamp))
    return found
