"""The control API as a service, from its settings to its last request."""

import threading
from collections.abc import Mapping

from flask import Flask

from control_api.app import attach_live, create_app
from control_api.background import Background
from control_api.composition import NAME, build_from_env
from control_api.serving.server import serve
from control_api.settings import ControlApiSettings
from control_api.threads import start_background
from energytrack.report.settings import MailSettings, ReportSettings
from energytrack.running.service import running
from energytrack.settings import KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all


def serve_control_api(env: Mapping[str, str]) -> None:
    read_all(env, ServiceSettings, ControlApiSettings, KafkaSettings, MongoSettings, PlantSettings)
    read_all(env, ReportSettings, MailSettings)
    settings = ControlApiSettings.from_env(env)
    with running(NAME, ServiceSettings.from_env(env), serve_metrics=False, watch=False) as service:
        background = Background(threading.Event())

        def load() -> Flask:
            services = build_from_env(env, settings, service.clock, service.registry, service.health)
            ready = threading.Event()
            app = create_app(services, is_ready=ready.is_set)
            start_background(background, services, attach_live(app, services), ready)
            return app

        serve(
            load,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            live=settings.live_connections,
            stopping=background.end,
        )
