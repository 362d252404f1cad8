"""Checks which of a plant's readings have arrived: on the topic, in the database, with an insight."""

import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from prometheus_client.parser import text_string_to_metric_families

from bench.pipeline.clients import consumer
from energytrack.clock import Clock, whole_milliseconds
from energytrack.decoding.parsing import parse_insight, parse_reading
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from energytrack.topics import INSIGHTS, READINGS
from local.services.mongo import mongo_uri
from local.site import Site
from testkit.stack.facts import plant_meters
from testkit.stack.servers import eventually

PATIENCE_SECONDS: Final = 5.0
LATE: Final = timedelta(seconds=2)
"""The longest time from a reading's timestamp to the topic in normal operation."""
DRAIN_SECONDS: Final = 60.0
"""The longest time that the stages may need for the messages on the topic."""
GROUPS: Final = ("ml-consumer", "historian", "exporters")
Ends = dict[TopicPartition, int]


class Counted(NamedTuple):
    """Readings of a period."""

    sent: int
    not_stored: int
    without_insight: int
    twice: int
    stored: int
    """Different readings in the database."""
    never_sent: int
    """Of these, those that are not on the topic."""


class Arrivals:
    """Checks all stages of a site."""

    def __init__(self, site: Site, *, clock: Clock) -> None:
        self._site = site
        self._clock = clock
        self._first: Ends = {}
        self._mark: Ends | None = None
        self._marked_at = self.done_until = clock.now()
        """Readings with earlier timestamps were committed by all stages when `flows` was last true."""

    def flows(self) -> bool:
        """Whether all stages have committed readings that were sent after the first call, or after the last True."""
        asked_at = self._clock.now() - LATE
        try:
            ends = self._ends(READINGS)
            self._first = self._first or ends
            if self._mark is None and sum(ends.values()) > sum(self._first.values()):
                self._mark, self._marked_at = ends, asked_at
        except KafkaError:
            return False
        if self._mark is None or not self._are_past(self._mark):
            return False
        self._first, self._mark, self.done_until = {}, None, self._marked_at
        return True

    def is_drained(self) -> bool:
        """Whether all stages have committed all readings; for a plant that no longer sends any."""
        try:
            ends = self._ends(READINGS)
        except KafkaError:
            return False
        return self._are_past(ends)

    def _are_past(self, mark: Ends) -> bool:
        """Whether all stages have committed everything before these positions; False while the broker is away."""
        try:
            return all(self._is_past(group, mark) for group in GROUPS)
        except KafkaError:
            return False

    def _is_past(self, group: str, mark: Ends) -> bool:
        with closing(self._consumer(group_id=group, enable_auto_commit=False)) as client:
            return all((client.committed(part) or 0) >= end for part, end in mark.items())

    def written(self, topic: str) -> int:
        """The number of messages of a topic."""
        return sum(self._ends(topic).values())

    def counted(self, *, since: datetime, until: datetime) -> Counted:
        """Compare topic, database and insights over [since, until), once all stages are past what the topic has now.

        After an outage a producer sends what it held back, so readings of that time can be on the topic and not yet in
        the database. Raises AssertionError if the stages are not past them after `DRAIN_SECONDS`.
        """
        since, until = whole_milliseconds(since), whole_milliseconds(until)  # as the database compares
        values, ends = self._values(READINGS)
        sent = Counter(
            (reading.device_id, reading.timestamp)
            for reading in (parse_reading(value, until) for value in values)
            if since <= reading.timestamp < until
        )
        eventually(lambda: self._are_past(ends), DRAIN_SECONDS, pause=0.5)
        scored = {
            (insight.device_id, insight.timestamp)
            for insight in (parse_insight(value, until) for value in self._values(INSIGHTS)[0])
        }
        above = plant_meters(self._site)
        with closing(open_store(MongoSettings(uri=mongo_uri(self._site)))) as store:
            devices = {device_id for device_id, _ in sent}
            stored = {
                (reading.device_id, reading.timestamp)
                for reading in store.readings.stream(sorted(devices), since=since, until=until)
            }
        return Counted(
            sent=len(sent),
            not_stored=len(sent.keys() - stored),
            without_insight=sum(1 for each in sent.keys() - scored if each[0] not in above),
            twice=sum(count - 1 for count in sent.values()),
            stored=len(stored),
            never_sent=len(stored - sent.keys()),
        )

    def _ends(self, topic: str) -> Ends:
        with closing(self._consumer()) as client:
            ends: Ends = client.end_offsets(_parts(client, topic))
            return ends

    def _values(self, topic: str) -> tuple[list[bytes], Ends]:
        """All messages of a topic up to its ends, and the ends."""
        with closing(self._consumer()) as client:
            parts = _parts(client, topic)
            client.assign(parts)
            client.seek_to_beginning(*parts)
            ends, values = client.end_offsets(parts), list[bytes]()
            while any(client.position(part) < ends[part] for part in parts):
                for part, records in client.poll(timeout_ms=1000).items():
                    values += [record.value for record in records if record.offset < ends[part]]
            return values, ends

    def _consumer(self, **more: object) -> KafkaConsumer:
        return consumer(self._site, **more, bootstrap_timeout_ms=round(PATIENCE_SECONDS * 1000))


def counter(url: str, name: str, labels: Mapping[str, str]) -> int:
    """The sum of a counter's series with these labels on a page of metrics; 0 if the page does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
            page = answer.read().decode()
    except OSError:
        return 0
    own = "\n".join(line for line in page.splitlines() if line.startswith(name))
    return round(
        sum(
            sample.value
            for family in text_string_to_metric_families(own)
            for sample in family.samples
            if labels.items() <= sample.labels.items()
        )
    )


def _parts(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
