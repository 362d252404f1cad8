"""The control API's background threads: results, live updates, schedules, and periodic checks."""

import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from control_api.auth.credentials import sign_in_link
from control_api.background import Background
from control_api.composition import NAME, Services
from control_api.live.service import LiveUpdates
from control_api.orders.results import file_results
from control_api.settings import named
from energytrack.bill.imported import LOOK_SECONDS
from energytrack.consume import Discard, Taken, consume
from energytrack.decoding.clocks import parsers
from energytrack.errors import StoreUnavailable
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import EVENTS, INSIGHTS, READINGS

log = structlog.get_logger(__name__)

NO_LINGER: Final = 0.0
"""A result is stored at once: a person is waiting for it."""
SWEEP_SECONDS: Final = 1.0
MACHINES_SECONDS: Final = 1.0
"""A live page gets at most one update of a machine in this time."""
RECORDS_SECONDS: Final = 0.3
CHECK_SECONDS: Final = 5.0
METRICS_SECONDS: Final = 2.0
"""How old locks, alarms and orders on /metrics may be."""
WAKE_SECONDS: Final = 10.0
RECONCILE_SECONDS: Final = 30.0
ESCALATION_SECONDS: Final = 5.0
PAGER_SECONDS: Final = 1.0
DATABASE_SECONDS: Final = 5.0
PEAK_SECONDS: Final = 5.0
REPORTS_SECONDS: Final = 60.0
MEASURES_SECONDS: Final = 300.0
PRODUCTION_SECONDS: Final = 60.0
SCHEDULES_SECONDS: Final = 2.0
"""Maximum delay of a schedule."""


def start_background(background: Background, services: Services, live: LiveUpdates, ready: threading.Event) -> None:
    """Start all threads; `ready` is set when the database has answered."""
    stop = background.stop
    background.keep("results", lambda: _file_results(services, stop, ready))
    background.keep("live", lambda: _feed_live(services, live, stop))
    background.every("schedules", SCHEDULES_SECONDS, services.schedules.run_due)
    background.keep("annotations", lambda: services.annotations.post_until(stop))
    background.every("sweeper", SWEEP_SECONDS, services.pending_orders.sweep)
    background.every("snooze", WAKE_SECONDS, services.alarms.reactivate_snoozed)
    background.every("measures", MEASURES_SECONDS, services.measures.look, at_start=True)
    background.every("production", PRODUCTION_SECONDS, services.production.look, at_start=True)
    background.every("reconciliation", RECONCILE_SECONDS, services.reconciliation.run, at_start=True)
    background.every("escalation", ESCALATION_SECONDS, services.paging.escalate, at_start=True)
    background.every("pager", PAGER_SECONDS, services.paging.send)
    background.every("machines", MACHINES_SECONDS, live.send_changed_machines)
    background.every("records", RECORDS_SECONDS, live.send_changed_records)
    background.every("metrics", METRICS_SECONDS, services.records.refresh, at_start=True)
    background.every("database", DATABASE_SECONDS, lambda: _check_database(services))
    background.every("reports", REPORTS_SECONDS, services.reports.mail_due)
    background.every("prices", LOOK_SECONDS, lambda: _look_for_prices(services), at_start=True)
    background.every("peak", PEAK_SECONDS, services.peak.step)
    background.every("sessions", CHECK_SECONDS, live.check_again)


def _file_results(services: Services, stop: threading.Event, ready: threading.Event) -> None:
    services.store.prepare()
    if not ready.is_set():
        ready.set()
        settings = services.settings
        if settings.sign_in_link:
            link = sign_in_link(services.credentials, named(settings.origins), by="start")
            log.info("sign in once with this link", link=link)
        log.info("ready", address=f"http://{settings.host}:{settings.port}")

    def file(batch: Sequence[Taken]) -> None:
        file_results(
            batch,
            commands=services.store.commands,
            changes=services.store.changes,
            clock=services.clock,
            observer=services.order_observer,
        )

    stage = services.stage
    with (
        closing(services.bus.source(NAME, [EVENTS], linger=NO_LINGER)) as source,
        closing(services.bus.sink(stop=stop)) as sink,
    ):
        counted = CountedSink(sink, stage)
        consume(source, counted, file, stage=stage, clock=services.clock, stop=stop, health=services.health)


def _feed_live(services: Services, live: LiveUpdates, stop: threading.Event) -> None:
    """Every replica reads all new messages, in a group of its own."""
    live.fleet.seed(services.store.devices.all())
    stage = Stage("control-api-live", CollectorRegistry(), takes=[], puts=[])  # all replicas do the same: not counted
    group = f"{NAME}-live-{services.new_id()}"
    with closing(services.bus.source(group, [READINGS, INSIGHTS, EVENTS], start="latest", linger=0.2)) as source:
        consume(
            source, Discard(), live.take, stage=stage, clock=services.clock, stop=stop,
            parsers=parsers(services.plant), health=services.health,
        )  # fmt: skip


def _look_for_prices(services: Services) -> None:
    """Load prices that another replica, or the command, imported or took back."""
    if services.prices.look():
        log.info("imported prices and emission factors changed")


def _check_database(services: Services) -> None:
    """Nothing works without the database, so report an outage even if there is little to do."""
    began = services.clock.monotonic()
    try:
        services.store.ping()
    except StoreUnavailable as error:
        services.health.waiting(
            "database", "database", f"the database at {error.address} has not answered", since=began
        )
    else:
        services.health.served("database")
