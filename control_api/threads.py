"""The control API's own threads: answers, live news, schedules, and what is looked at every few seconds."""

import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from control_api.auth.credentials import sign_in_link
from control_api.background import Background
from control_api.composition import Services
from control_api.live.service import LiveUpdates
from control_api.orders.results import file_results
from energytrack.bus import Header, Sink
from energytrack.consume import Taken, consume
from energytrack.errors import StoreUnavailable
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import EVENTS, INSIGHTS, READINGS

log = structlog.get_logger(__name__)

GROUP: Final = "control-api"
NO_LINGER: Final = 0.0
"""An answer is filed at once: somebody is waiting for it."""
SWEEP_SECONDS: Final = 1.0
NEWS_SECONDS: Final = 1.0
"""A machine is told of once in this time at most."""
CHANGES_SECONDS: Final = 0.3
CHECK_SECONDS: Final = 5.0
WAKE_SECONDS: Final = 10.0
DATABASE_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 5.0
"""What one replica schedules, the others know after so long."""


def start_background(background: Background, services: Services, live: LiveUpdates, ready: threading.Event) -> None:
    """Start all threads; `ready` is set when the database has answered."""
    stop = background.stop
    background.keep("results", lambda: _file_results(services, stop, ready))
    background.keep("live", lambda: _feed_live(services, live, stop))
    background.keep("schedules", lambda: _keep_schedules(services, stop))
    background.keep("annotations", lambda: services.annotations.post_until(stop))
    background.every("sweeper", SWEEP_SECONDS, services.pending_orders.sweep)
    background.every("snooze", WAKE_SECONDS, services.alarms.wake)
    background.every("news", NEWS_SECONDS, live.send_changed_machines)
    background.every("changes", CHANGES_SECONDS, live.send_changed_records)
    background.every("database", DATABASE_SECONDS, lambda: _look_for_database(services))
    background.every("sessions", CHECK_SECONDS, live.check_again)


def _file_results(services: Services, stop: threading.Event, ready: threading.Event) -> None:
    services.store.prepare()
    if not ready.is_set():
        ready.set()
        if services.settings.sign_in_link:
            log.info("sign in once by this link", link=sign_in_link(services.credentials, services.settings))
        log.info("ready", address=f"http://{services.settings.host}:{services.settings.port}")

    def file(batch: Sequence[Taken]) -> None:
        file_results(
            batch,
            commands=services.store.commands,
            changes=services.store.changes,
            clock=services.clock,
            news=services.order_observer,
        )

    with (
        closing(services.bus.source(GROUP, [EVENTS], linger=NO_LINGER)) as source,
        closing(services.bus.sink(stop=stop)) as sink,
    ):
        consume(
            source, CountedSink(sink, services.stage), file, stage=services.stage, clock=services.clock, stop=stop,
            health=services.health,
        )  # fmt: skip


def _feed_live(services: Services, live: LiveUpdates, stop: threading.Event) -> None:
    """Every replica takes all news, in a group of its own, from now on."""
    live.fleet.seed(services.store.devices.all())
    stage = Stage("control-api-live", CollectorRegistry(), takes=[], puts=[])  # all replicas do the same: not counted
    group = f"{GROUP}-live-{services.new_id()}"
    with closing(services.bus.source(group, [READINGS, INSIGHTS, EVENTS], start="latest", linger=0.2)) as source:
        consume(source, _Nowhere(), live.take, stage=stage, clock=services.clock, stop=stop, health=services.health)


def _look_for_database(services: Services) -> None:
    """Nothing here works without it, so its absence is told, however little there is to do."""
    began = services.clock.monotonic()
    try:
        services.store.ping()
    except StoreUnavailable as error:
        services.health.waiting(
            "database", "database", f"the database at {error.address} has not answered", since=began
        )
    else:
        services.health.served("database")


def _keep_schedules(services: Services, stop: threading.Event) -> None:
    jobs = services.schedules.jobs
    jobs.start()
    try:
        while not stop.wait(LOOK_SECONDS):
            jobs.look()
    finally:
        jobs.stop()


class _Nowhere(Sink):
    """Dead letters of the live feed: those who keep messages bury them, once."""

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Let it go."""

    def flush(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing to let go of."""
