"""Which readings of the plant are where they belong: every one of the topic in the database, and with an insight."""

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition

from energytrack.decoding.parsing import parse_reading
from energytrack.plant import load_plant
from energytrack.topics import READINGS
from local.site import ROOT
from testkit.kubernetes import brokers
from tests.kubernetes.plant import ClusterPlant

Key = tuple[str, datetime]
"""A machine, and the time of its reading."""


class PlantArrivals(NamedTuple):
    """Readings by what became of them, and how many machines sent them."""

    machines: int
    sent: int
    not_stored: int
    without_insight: int
    stored_twice: int


def arrivals(plant: ClusterPlant, *, since: datetime, until: datetime) -> PlantArrivals:
    """Of all readings of machines between these moments; other meters have no insights."""
    meters = load_plant(ROOT / "plant.toml").meters
    sent = {key for key in _sent(plant, since) if since <= key[1] < until and key[0] not in meters}
    with plant.database() as client:
        stored, scored = (
            Counter((each["device"]["id"], each["timestamp"]) for each in client["energytrack"][name].find(
                {"timestamp": {"$gte": since}}, {"device.id": 1, "timestamp": 1},
            ))
            for name in ("readings", "insights")
        )  # fmt: skip
    return PlantArrivals(
        machines=len({machine for machine, _ in sent}),
        sent=len(sent),
        not_stored=len(sent - stored.keys()),
        without_insight=len(sent - scored.keys()),
        stored_twice=sum(stored[key] - 1 for key in sent & stored.keys()),
    )


def _sent(plant: ClusterPlant, since: datetime) -> set[Key]:
    """All that Kafka has taken since then: a reading comes there after its own time."""
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
        parts = [TopicPartition(READINGS, number) for number in sorted(client.partitions_for_topic(READINGS) or ())]
        client.assign(parts)
        ends, found = client.end_offsets(parts), set[Key]()
        begins = client.offsets_for_times(dict.fromkeys(parts, int(since.timestamp() * 1000)))
        for part in parts:
            client.seek(part, begins[part].offset if begins.get(part) else ends[part])
        while any(client.position(part) < ends[part] for part in parts):
            for records in client.poll(timeout_ms=1000).values():
                for record in records:
                    reading = parse_reading(record.value, datetime.now(UTC))
                    found.add((reading.device_id, reading.timestamp))
    return found
