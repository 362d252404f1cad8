"""The control API as a service: settings, services, background threads, server."""

import threading
from collections.abc import Mapping
from typing import Final

from flask import Flask
from ulid import ULID

from control_api.annotations import annotating_client
from control_api.app import attach_live, create_app
from control_api.auth.grafana import GrafanaSessions
from control_api.background import Background
from control_api.composition import Services, build
from control_api.server import serve
from control_api.settings import ControlApiSettings
from control_api.threads import start_background
from energytrack.bus.open import open_bus
from energytrack.plant import load_plant
from energytrack.service import Service, running
from energytrack.settings import KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.store.open import open_store

NAME: Final = "control-api"


def serve_control_api(env: Mapping[str, str]) -> None:
    """Serve until SIGTERM."""
    read_all(env, ServiceSettings, ControlApiSettings, KafkaSettings, MongoSettings, PlantSettings)
    settings = ControlApiSettings.from_env(env)
    with running(NAME, ServiceSettings.from_env(env), serve_metrics=False, watch=False) as service:
        background = Background(threading.Event())

        def load() -> Flask:
            services = _assembled(env, settings, service)
            ready = threading.Event()
            app = create_app(services, is_ready=ready.is_set)
            start_background(background, services, attach_live(app, services), ready)
            return app

        serve(load, host=settings.host, port=settings.port, threads=settings.threads, stopping=background.end)


def _assembled(env: Mapping[str, str], settings: ControlApiSettings, service: Service) -> Services:
    clock = service.clock
    grafana_url = settings.grafana_url
    token = settings.grafana_token
    plant_settings = PlantSettings.from_env(env)
    return build(
        settings,
        plant=load_plant(plant_settings.file, devices=plant_settings.devices),
        bus=open_bus(KafkaSettings.from_env(env), NAME, health=service.health),
        store=open_store(MongoSettings.from_env(env)),
        clock=clock,
        registry=service.registry,
        health=service.health,
        new_id=lambda: str(ULID.from_datetime(clock.now())),
        grafana=None
        if grafana_url is None
        else GrafanaSessions(grafana_url, org_id=settings.grafana_org_id, clock=clock),
        annotating=None
        if grafana_url is None or token is None
        else annotating_client(grafana_url, token.get_secret_value()),
    )
