"""The servers that tests run on are real, and a dead one is noticed."""

import pytest
from kafka import KafkaAdminClient
from pymongo import MongoClient

from energytrack.clock import SystemClock
from local.lifecycle.readiness import wait_until_ready
from local.services.definition import KafkaAnswers, MongoAnswers, Question
from testkit.patience import seconds_here
from testkit.stack.servers import eventually


def answers(question: Question) -> None:
    """A busy machine may keep one answer longer than the check waits."""
    wait_until_ready(question, clock=SystemClock(), deadline=seconds_here(10), check_alive=lambda: None)


def test_the_broker_is_one_kraft_node_that_makes_no_topic_by_itself(kafka_servers: str) -> None:
    answers(KafkaAnswers(kafka_servers))
    admin = KafkaAdminClient(bootstrap_servers=kafka_servers)
    try:
        assert [topic for topic in admin.list_topics() if not topic.startswith("_") and "." not in topic] == []
    finally:
        admin.close()


def test_the_database_keeps_a_document(mongo_uri: str, mongo_database: str) -> None:
    answers(MongoAnswers(mongo_uri))
    with MongoClient[dict[str, object]](mongo_uri) as client:
        client[mongo_database].notes.insert_one({"_id": 1, "word": "kept"})
        assert client[mongo_database].notes.find_one() == {"_id": 1, "word": "kept"}


def test_eventually_returns_the_first_true_answer_or_tells_the_last() -> None:
    answers = iter([0, None, 7])
    assert eventually(lambda: next(answers), 1.0, pause=0) == 7
    with pytest.raises(AssertionError, match="the last answer was 0"):
        eventually(lambda: 0, 0.0)
