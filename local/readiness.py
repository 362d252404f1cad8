"""Readiness is a question asked: of the broker, of the database, of a page."""

import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Final

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from energytrack.clock import Clock
from local.errors import NotReady
from local.service import HttpAnswers, KafkaAnswers, MongoAnswers, Question

PATIENCE_SECONDS: Final = 1.0
"""How long one question waits for its answer."""


def ask(question: Question) -> None:
    """Return when the answer is yes; raises NotReady with what was heard instead."""
    match question:
        case KafkaAnswers(servers):
            _ask_kafka(servers)
        case MongoAnswers(uri):
            _ask_mongo(uri)
        case HttpAnswers(url):
            _ask_page(url)


def wait_until_ready(
    question: Question, *, clock: Clock, deadline: float, check_alive: Callable[[], None], pause: float = 0.1
) -> None:
    """Ask again and again; raises NotReady after `deadline` seconds, and whatever `check_alive` raises at once."""
    end = clock.monotonic() + deadline
    while True:
        check_alive()
        try:
            return ask(question)
        except NotReady:
            if clock.monotonic() >= end:
                raise
        clock.sleep(pause)


def _ask_kafka(servers: str) -> None:
    _connect(servers)  # kafka-python leaks the socket of a refused connection
    try:
        admin = KafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=int(PATIENCE_SECONDS * 1000))
        try:
            if not admin.describe_cluster()["brokers"]:
                raise NotReady("no broker has registered yet")
        finally:
            admin.close()
    except KafkaError as error:
        raise NotReady(f"no broker answers at {servers}: {error}") from error


def _connect(address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS).close()
    except OSError as error:
        raise NotReady(f"nobody listens at {address}: {error}") from error


def _ask_mongo(uri: str) -> None:
    try:
        with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=int(PATIENCE_SECONDS * 1000)) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        raise NotReady(f"the database does not answer: {error}") from error


def _ask_page(url: str) -> None:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS):  # noqa: S310  # an address of our own
            return
    except urllib.error.HTTPError as error:
        with error:
            raise NotReady(f"{url} says {error.code} {error.reason}") from error
    except OSError as error:
        raise NotReady(f"{url} does not answer: {error}") from error
