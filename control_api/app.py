"""The control API as an application: made from its parts, connected to nothing until it is asked something."""

from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from typing import Final

import flask
from flask import Response, request
from flask_cors import CORS
from flask_openapi3 import Info, OpenAPI
from prometheus_client.exposition import choose_encoder

from control_api import api_docs, beats, guard, limits, problems
from control_api.alarms import alarm_deeds_blueprint, alarms_blueprint
from control_api.batches import batches_blueprint
from control_api.commands import commands_blueprint
from control_api.devices import devices_blueprint
from control_api.front_door import BehindFrontDoor
from control_api.guard import Guard
from control_api.history import history_blueprint
from control_api.identity import remember
from control_api.limits import make_limiter
from control_api.locks import locks_blueprint
from control_api.pages import pages_blueprint
from control_api.parts import Parts
from control_api.schedules import proposals_blueprint, schedules_blueprint
from control_api.settings import named
from control_api.signin import signin_blueprint
from control_api.telemetry import count_requests

MAX_BODY_BYTES: Final = 64_000
MAX_ALERTS_BYTES: Final = 8_000_000
"""A notification may be about every machine of a plant."""
PATIENCES: Final = 3
"""Kafka may take its time and one attempt more; the rest is the database's."""
DESCRIPTION: Final = (
    "Orders to machines, and what came of them. **Energy Track is not a safety system**: it never replaces a machine's "
    "own interlocks, emergency stops or a padlock."
)


def create_app(parts: Parts, *, is_ready: Callable[[], bool]) -> OpenAPI:
    """The application, as WSGI servers and tests take it; without a complaint /healthz says what `is_ready` does."""
    app = OpenAPI(
        "control_api",
        info=Info(title="Energy Track control API", version=version("energytrack"), description=DESCRIPTION),
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
        doc_ui=False,
        static_url_path="/static",
        validation_error_status=422,
        validation_error_model=problems.ProblemShape,
        validation_error_callback=problems.answer_invalid,
    )
    app.url_map.merge_slashes = False  # a path is what it says
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    problems.install(app)
    count_requests(app, parts.registry, parts.clock)
    _bound_waiting(app, parts)
    limiter = make_limiter(parts.settings)
    guard.install(
        app,
        Guard(
            access=parts.access,
            origins=named(parts.settings.origins),
            partners=named(parts.settings.partner_origins),
            limiter=limiter,
        ),
        remember=remember,
    )
    limits.install(app, limiter)
    beats.install(app, parts.store.changes)
    _admit_partners(app, parts)

    app.register_api(devices_blueprint(parts.situations))
    app.register_api(commands_blueprint(parts.desk, parts.store.commands))
    app.register_api(batches_blueprint(parts.batches))
    app.register_api(locks_blueprint(parts.lockout))
    app.register_api(alarms_blueprint(parts.alarm_desk))
    app.register_api(alarm_deeds_blueprint(parts.alarm_desk))
    app.register_api(schedules_blueprint(parts.schedule_desk))
    app.register_api(proposals_blueprint(parts.situations, parts.plant))
    app.register_api(history_blueprint(parts.store, parts.clock))
    app.register_api(signin_blueprint(parts.credentials, has_grafana=parts.settings.grafana_url is not None))
    app.register_blueprint(pages_blueprint(parts.settings))
    app.register_blueprint(api_docs.blueprint(app))

    @app.route("/healthz")
    def healthz() -> Response:
        """Ready, or a sentence: what this replica waits for, and since when."""
        complaint = parts.health.complaint()
        if complaint is None and is_ready():
            return Response("ready\n", 200, content_type="text/plain")
        return Response(f"{complaint or 'starting'}\n", 503, content_type="text/plain")

    @app.route("/livez")
    def livez() -> Response:
        """Only who answers at all is alive; a server that is away changes nothing here."""
        return Response("alive\n", 200, content_type="text/plain")

    @app.route("/metrics")
    def metrics() -> Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(parts.registry), content_type=content_type)

    app.wsgi_app = BehindFrontDoor(app.wsgi_app, named(parts.settings.trusted_proxies))  # type: ignore[method-assign]
    return app


def _admit_partners(app: OpenAPI, parts: Parts) -> None:
    """Let scripts of other pages call with a token (CORS), where their origins are named; never with a cookie."""
    partners = sorted(named(parts.settings.partner_origins))
    if partners:
        CORS(
            app,
            resources={r"/api/*": {"origins": partners}},
            supports_credentials=False,
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            max_age=600,
        )


def _bound_waiting(app: OpenAPI, parts: Parts) -> None:
    """Let no request wait for the database for long; one that has waited for Kafka in vain still notes that."""
    seconds = PATIENCES * parts.settings.patience_seconds

    @app.before_request
    def begin() -> None:
        if request.path == "/api/alerts":
            request.max_content_length = MAX_ALERTS_BYTES
        flask.g.waiting = ExitStack()
        flask.g.waiting.enter_context(parts.store.within(seconds))

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "waiting" in flask.g:
            flask.g.waiting.close()
