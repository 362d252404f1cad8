"""The control API as a service: settings, parts, background threads, server."""

import threading
from collections.abc import Mapping
from typing import Final

import structlog
from flask import Flask
from prometheus_client import CollectorRegistry
from ulid import ULID

from control_api.app import create_app
from control_api.background import Background
from control_api.cli import make_link
from control_api.grafana import GrafanaSessions
from control_api.parts import Parts, assemble
from control_api.results import file_results
from control_api.server import serve
from control_api.settings import ControlApiSettings
from energytrack.bus.open import open_bus
from energytrack.clock import Clock
from energytrack.consume import consume
from energytrack.plant import load_plant
from energytrack.service import running
from energytrack.settings import KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.store.open import open_store
from energytrack.telemetry import CountedSink
from energytrack.topics import EVENTS

log = structlog.get_logger(__name__)

NAME: Final = "control-api"
SWEEP_SECONDS: Final = 1.0
WAKE_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 5.0
"""What one replica schedules, the others know after so long."""
RESULTS_LINGER_SECONDS: Final = 0.0
"""An answer is filed at once: somebody is waiting for it."""


def serve_control_api(env: Mapping[str, str]) -> None:
    """Serve until SIGTERM."""
    read_all(env, ServiceSettings, ControlApiSettings, KafkaSettings, MongoSettings, PlantSettings)
    settings = ControlApiSettings.from_env(env)
    with running(NAME, ServiceSettings.from_env(env), serve_metrics=False) as service:
        background = Background(threading.Event())

        def load() -> Flask:
            parts = _assembled(env, settings, service.clock, service.registry)
            prepared = threading.Event()
            background.keep("results", lambda: _file_results(parts, background.stop, prepared))
            background.every("sweeper", SWEEP_SECONDS, parts.sweeper.sweep)
            background.keep("schedules", lambda: _keep_schedules(parts, background.stop))
            background.every("snooze", WAKE_SECONDS, parts.alarm_desk.wake)
            return create_app(parts, is_ready=prepared.is_set)

        serve(load, host=settings.host, port=settings.port, threads=settings.threads, stopping=background.end)


def _assembled(
    env: Mapping[str, str], settings: ControlApiSettings, clock: Clock, registry: CollectorRegistry
) -> Parts:
    grafana_url = settings.grafana_url
    plant_settings = PlantSettings.from_env(env)
    return assemble(
        settings,
        plant=load_plant(plant_settings.file, devices=plant_settings.devices),
        bus=open_bus(KafkaSettings.from_env(env), NAME),
        store=open_store(MongoSettings.from_env(env)),
        clock=clock,
        registry=registry,
        new_id=lambda: str(ULID.from_datetime(clock.now())),
        grafana=None
        if grafana_url is None
        else GrafanaSessions(grafana_url, org_id=settings.grafana_org_id, clock=clock),
    )


def _keep_schedules(parts: Parts, stop: threading.Event) -> None:
    jobs = parts.schedule_desk.jobs
    jobs.start()
    try:
        while not stop.wait(LOOK_SECONDS):
            jobs.look()
    finally:
        jobs.stop()


def _file_results(parts: Parts, stop: threading.Event, prepared: threading.Event) -> None:
    parts.store.prepare()
    if not prepared.is_set():
        prepared.set()
        if parts.settings.sign_in_link:
            log.info("sign in once by this link", link=make_link(parts.credentials, parts.settings))
        log.info("ready", address=f"http://{parts.settings.host}:{parts.settings.port}")
    source = parts.bus.source(NAME, [EVENTS], linger=RESULTS_LINGER_SECONDS)
    sink = CountedSink(parts.bus.sink(), parts.stage)
    try:
        consume(
            source,
            sink,
            lambda batch: file_results(batch, commands=parts.store.commands, clock=parts.clock, metrics=parts.metrics),
            stage=parts.stage,
            clock=parts.clock,
            stop=stop,
        )
    finally:
        source.close()
