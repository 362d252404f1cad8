"""The timestamp of the newest message of each partition, from the broker: no message is read."""

import threading
from collections.abc import Iterable
from typing import Final

from kafka.admin import OffsetSpec
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from energytrack.bus.kafka.client import KafkaBus
from energytrack.bus.kafka.source import sentence
from energytrack.errors import BusUnavailable
from energytrack.settings import KafkaSettings

MILLISECONDS: Final = 1000
ANSWER_SECONDS: Final = 20.0
"""How long to wait for an answer; the question itself may take longer, but ends (`admin`)."""

Newest = dict[tuple[str, int], float]


class NewestMessages:
    """Asks a broker that may be unavailable, with a new connection for each question, and one question at a time.

    The library waits long for a connection that does not respond, so another thread asks. Nothing stays open except an
    unanswered question, which ends soon, or with the process.
    """

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self.servers = settings.servers
        self._bus = KafkaBus(settings, client_id)
        self._asked: BrokerQuestion | None = None

    def of(self, topics: Iterable[str]) -> Newest:
        """Unix seconds by topic and partition; those without messages, missing or not permitted are left out.

        Raises BusUnavailable, after some seconds at the latest.
        """
        asked = self._asked
        if asked is None or asked.ended.is_set():
            asked = self._asked = BrokerQuestion(self._bus, sorted(set(topics)))
            asked.ended.wait(ANSWER_SECONDS)
        if not asked.ended.is_set() or asked.answer is None:
            raise BusUnavailable(self.servers, "no answer within some seconds")
        if isinstance(asked.answer, KafkaError):
            raise BusUnavailable(self.servers, sentence(asked.answer)) from asked.answer
        if isinstance(asked.answer, BusUnavailable):
            raise asked.answer
        return asked.answer


class BrokerQuestion:
    """One question to the broker, asked in its own thread."""

    def __init__(self, bus: KafkaBus, topics: list[str]) -> None:
        self.ended = threading.Event()
        self.answer: Newest | KafkaError | BusUnavailable | None = None
        self._bus = bus
        self._topics = topics
        threading.Thread(target=self._run, daemon=True, name="newest").start()

    def _run(self) -> None:
        try:
            self.answer = self._ask()
        except (KafkaError, BusUnavailable) as error:
            self.answer = error
        finally:
            self.ended.set()

    def _ask(self) -> Newest:
        admin = self._bus.admin(patient=False)
        try:
            wanted = sorted(set(self._topics) & set(admin.list_topics()))
            asked = {
                TopicPartition(topic["name"], partition["partition_index"]): OffsetSpec.MAX_TIMESTAMP
                for topic in (admin.describe_topics(wanted) if wanted else [])
                for partition in topic["partitions"]
            }
            answered = admin.list_partition_offsets(asked) if asked else {}
        finally:
            admin.close()
        return {
            (at.topic, at.partition): found.timestamp / MILLISECONDS
            for at, found in answered.items()
            if found.timestamp >= 0
        }
