"""Readiness checks of the broker, the database and HTTP pages."""

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Final

from pydantic import SecretStr

from energytrack.bus.open import open_bus
from energytrack.clock import Clock
from energytrack.errors import BusUnavailable, StoreUnavailable
from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from local.errors import NotReady
from local.services.access import administrator
from local.services.definition import HttpAnswers, KafkaAnswers, MongoAnswers, ProcessRuns, Question
from local.services.passwords import authorization

PATIENCE_SECONDS: Final = 1.0
"""How long the database or a page may take to answer."""


def ask(question: Question) -> None:
    """Return if it is ready; raises NotReady with the answer otherwise."""
    match question:
        case KafkaAnswers():
            _ask_kafka(question)
        case MongoAnswers(uri):
            _ask_mongo(uri)
        case HttpAnswers():
            _ask_page(question)
        case ProcessRuns():
            pass  # whether it runs, its supervisor knows


def wait_until_ready(
    question: Question, *, clock: Clock, deadline: float, check_alive: Callable[[], None], pause: float = 0.1
) -> None:
    """Check repeatedly; raises NotReady after `deadline` seconds, and passes on errors of `check_alive` at once."""
    end = clock.monotonic() + deadline
    while True:
        check_alive()
        try:
            return ask(question)
        except NotReady:
            if clock.monotonic() >= end:
                raise
        clock.sleep(pause)


def _ask_kafka(question: KafkaAnswers) -> None:
    try:
        open_bus(administrator(question.servers, question.password_file), "readiness").ping()
    except BusUnavailable as error:
        raise NotReady(str(error)) from error


def _ask_mongo(uri: str) -> None:
    store = open_store(MongoSettings(uri=SecretStr(uri)))
    try:
        with store.within(PATIENCE_SECONDS):
            store.ping()
    except StoreUnavailable as error:
        raise NotReady(str(error)) from error
    finally:
        store.close()


def _ask_page(question: HttpAnswers) -> None:
    url = question.url
    request = urllib.request.Request(url, headers=authorization(question.password_file))  # noqa: S310  # one of our own
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):  # noqa: S310  # likewise
            return
    except urllib.error.HTTPError as error:
        with error:
            raise NotReady(f"{url} answers {error.code} {error.reason}") from error
    except OSError as error:
        raise NotReady(f"{url} does not answer: {error}") from error
