"""Real servers for tests: the local stack's own definitions, on free ports and in temporary folders."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from local.lifecycle import child
from local.lifecycle.child import Child
from local.lifecycle.processes import is_free
from local.services.definition import ServiceDefinition
from local.services.kafka import kafka_service, prepare_kafka
from local.services.mongo import mongo_service
from local.services.observability import prepare_prometheus, prometheus_service
from local.site import Ports, Site
from testkit.patience import seconds_here

T = TypeVar("T")


def free_ports() -> Ports:
    """Ports that are free at this moment, all different.

    They are below 32768, from where on Linux takes the ports of outgoing connections: one of those could otherwise
    occupy a port in the seconds before a server takes it. Random numbers are the system's, not the seeded ones: test
    runs at the same time must not have the same ports.
    """
    numbers: list[int] = []
    for candidate in random.SystemRandom().sample(range(10_000, 32_768), k=1000):
        if len(numbers) == len(fields(Ports)):
            break
        if is_free(candidate):
            numbers.append(candidate)
    return Ports(*numbers)


def site_in(folder: Path) -> Site:
    """A test's own site; the broker's jars are shared with the stack, and everybody may use the broker."""
    return Site(var=folder, ports=free_ports(), kafka_users=False)


@contextmanager
def started(service: ServiceDefinition, site: Site, *, deadline: float = 60) -> Iterator[Child]:
    """Start a service as the local stack does; on a busy machine it may take longer to be ready."""
    with child.started(service, site, deadline=seconds_here(deadline)) as running:
        yield running


@contextmanager
def kafka_running(site: Site) -> Iterator[Child]:
    """A real broker, with the data that an earlier one left in the same site."""
    prepare_kafka(site)
    with started(kafka_service(site), site) as running:
        yield running


@contextmanager
def mongo_running(site: Site) -> Iterator[Child]:
    """A real database, with the data that an earlier one left in the same site."""
    with started(mongo_service(site), site) as running:
        yield running


@contextmanager
def prometheus_running(site: Site, scraped: Iterable[ServiceDefinition]) -> Iterator[Child]:
    """A real Prometheus with the committed configuration and rules, which scrapes these services of the site."""
    prepare_prometheus(site, scraped)
    with started(prometheus_service(site), site) as running:
        yield running


def eventually(predicate: Callable[[], T], deadline: float = 15.0, *, pause: float = 0.05) -> T:
    """The first truthy answer of `predicate`; an assertion that fails inside it means "not yet".

    After `deadline` seconds, or more on a busy machine, raises that AssertionError, or one with the last answer.
    """
    begun = time.monotonic()
    while True:
        try:
            answer = predicate()
            if answer:
                return answer
            failure = AssertionError(f"not true within {deadline:g} s; the last answer was {answer!r}")
        except AssertionError as error:
            failure = error
        if time.monotonic() - begun >= seconds_here(deadline):
            raise failure
        time.sleep(pause)
