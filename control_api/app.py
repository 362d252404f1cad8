"""The control API as a Flask application, built from its services; nothing connects until the first request."""

from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from typing import Final

import flask
from flask import Flask, Response, request
from flask_cors import CORS
from flask_openapi3 import Info, OpenAPI
from prometheus_client.exposition import choose_encoder

from control_api import change_notifications, last_answers
from control_api.alarms.case_routes import cases_blueprint
from control_api.alarms.routes import alarm_actions_blueprint, alarms_blueprint
from control_api.audit import requests as audit
from control_api.auth import guard, limits
from control_api.auth.front_door import BehindFrontDoor, addresses_of
from control_api.auth.guard import Guard, sign_in_help
from control_api.auth.limits import make_limiter
from control_api.auth.people_routes import people_blueprint
from control_api.auth.routes import signin_blueprint
from control_api.baselines.routes import FIT_SECONDS, FITTED, baselines_blueprint, variables_blueprint
from control_api.bill.routes import bill_blueprint
from control_api.bulk.routes import bulk_blueprint
from control_api.composition import Services
from control_api.devices.readings import readings_blueprint
from control_api.devices.routes import devices_blueprint, history_blueprint
from control_api.emissions.routes import emissions_blueprint
from control_api.energy.routes import corrections_blueprint, energy_blueprint
from control_api.http import bodies, problems
from control_api.imports.routes import IMPORT_SECONDS, MAX_FILE_BYTES, imports_blueprint
from control_api.last_answers import LastAnswers
from control_api.live.service import LiveUpdates
from control_api.live.snapshots import snapshots
from control_api.live.sockets import Sockets
from control_api.locks.routes import locks_blueprint
from control_api.machines.routes import machines_blueprint
from control_api.measures.routes import measures_blueprint
from control_api.metrics import count_requests
from control_api.orders.routes import orders_blueprint
from control_api.paging.routes import paging_blueprint
from control_api.peak.routes import peak_blueprint
from control_api.plant_meters.routes import plant_meters_blueprint
from control_api.production.routes import WORKED_OUT, production_blueprint
from control_api.reports.routes import reports_blueprint
from control_api.schedules.routes import proposals_blueprint, schedules_blueprint
from control_api.settings import named, proxies
from control_api.web import api_docs, languages
from control_api.web.routes import VIEWS, pages_blueprint, shows_a_page
from energytrack.security.proxies import TrustedProxies

MAX_BODY_BYTES: Final = 160_000
"""A bulk order names up to 2,000 machines, each by up to 64 letters."""
MAX_SIGN_IN_BYTES: Final = 2_000
"""A code. Whoever sends it has not signed in yet, so nothing longer is read."""
MAX_ALERTS_BYTES: Final = 8_000_000
"""A notification may cover every machine of a plant."""
BULK_SECONDS: Final = 60.0
"""How long the database may take for a bulk order to thousands of machines."""
PATIENCES: Final = 3
"""How many times `patience_seconds` a request may take: twice for Kafka and its retry, once for the database."""
DESCRIPTION: Final = (
    "Orders to machines, and their results. **Energy Track is not a safety system**: it never replaces a machine's "
    "own interlocks, emergency stops or a padlock."
)


def create_app(services: Services, *, is_ready: Callable[[], bool]) -> OpenAPI:
    """The WSGI application; unless something is waited for, /healthz answers what `is_ready` returns."""
    app = OpenAPI(
        "control_api",
        info=Info(title="Energy Track control API", version=version("energytrack"), description=DESCRIPTION),
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
        doc_ui=False,
        static_url_path="/static",
        static_folder="web/static",
        template_folder="web/templates",
        validation_error_status=422,
        validation_error_model=problems.ProblemResponse,
        validation_error_callback=problems.answer_invalid,
    )
    app.url_map.merge_slashes = False  # //api is not /api
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    problems.install(app)
    count_requests(app, services.registry, services.clock)
    _bound_waiting(app, services)
    limiter = make_limiter(services.settings)
    guard.install(
        app,
        Guard(
            access=services.access,
            origins=named(services.settings.origins),
            hosts=services.settings.host_names(),
            partners=named(services.settings.partner_origins),
            limiter=limiter,
            how_to_sign_in=sign_in_help(services.settings),
        ),
        shows_a_page=shows_a_page,
    )
    limits.install(app, limiter)
    bodies.install(app)
    audit.install(app, services.store, services.clock)
    change_notifications.install(app, services.store.changes)
    _admit_partners(app, services)

    _register_resources(app, services)

    @app.route("/healthz")
    def healthz() -> Response:
        """200 if ready, otherwise a sentence: what this replica is waiting for, and since when."""
        complaint = services.health.complaint()
        if complaint is None and is_ready():
            return Response("ready\n", 200, content_type="text/plain")
        return Response(f"{complaint or 'starting'}\n", 503, content_type="text/plain")

    @app.route("/livez")
    def livez() -> Response:
        """Alive as long as it answers; an unavailable server changes nothing here."""
        return Response("alive\n", 200, content_type="text/plain")

    @app.route("/metrics")
    def metrics() -> Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(services.registry), content_type=content_type)

    trusted = TrustedProxies(proxies(services.settings.trusted_proxies), addresses_of)
    app.wsgi_app = BehindFrontDoor(app.wsgi_app, trusted)  # type: ignore[method-assign]
    return app


def _register_resources(app: OpenAPI, services: Services) -> None:
    """One blueprint or two for each resource, then the pages."""
    app.register_api(devices_blueprint(services.devices))
    app.register_api(bill_blueprint(services.bills))
    app.register_api(reports_blueprint(services.reports))
    app.register_api(peak_blueprint(services.peak))
    app.register_api(emissions_blueprint(services.energy))
    app.register_api(orders_blueprint(services.orders, token_reason=services.settings.token_reason))
    app.register_api(bulk_blueprint(services.bulk))
    app.register_api(locks_blueprint(services.locks))
    app.register_api(alarms_blueprint(services.alarms))
    app.register_api(alarm_actions_blueprint(services.alarms))
    app.register_api(cases_blueprint(services.cases))
    app.register_api(paging_blueprint(services.paging))
    app.register_api(machines_blueprint(services.machines))
    app.register_api(imports_blueprint(services.imports))
    app.register_api(schedules_blueprint(services.schedules))
    app.register_api(proposals_blueprint(services.devices, services.plant))
    app.register_api(history_blueprint(services.devices, services.store))
    app.register_api(readings_blueprint(services.devices, services.store))
    app.register_api(energy_blueprint(services.energy))
    app.register_api(corrections_blueprint(services.energy))
    app.register_api(plant_meters_blueprint(services.plant_meters))
    app.register_api(baselines_blueprint(services.baselines))
    app.register_api(variables_blueprint(services.baselines))
    app.register_api(production_blueprint(services.production))
    app.register_api(measures_blueprint(services.measures, services.shutdowns))
    has_grafana = services.settings.grafana_url is not None
    app.register_api(signin_blueprint(services.credentials, VIEWS, has_grafana=has_grafana))
    app.register_api(people_blueprint(services.credentials, named(services.settings.origins)))
    languages.install(app, services.plant.language)
    app.register_blueprint(pages_blueprint(services.settings, services.plant))
    app.register_blueprint(api_docs.blueprint(app))
    last_answers.install(app, LastAnswers(services.clock, within=services.store.within))


def attach_live(app: Flask, services: Services) -> LiveUpdates:
    """The live connections, in front of the application's routes."""
    return LiveUpdates(
        sockets=Sockets(
            app,
            origins=sorted(named(services.settings.origins)),
            caller_of=services.access.subject,
            each=services.settings.live_connections_each,
        ),
        fleet=services.fleet,
        access=services.access,
        store=services.store,
        clock=services.clock,
        snapshots=snapshots(services.store, services.schedules, services.cases, services.paging, services.clock),
        registry=services.registry,
    )


def _admit_partners(app: OpenAPI, services: Services) -> None:
    """Let pages of the configured partner origins call with a token (CORS), never with a cookie."""
    partners = sorted(named(services.settings.partner_origins))
    if partners:
        CORS(
            app,
            resources={r"/api/*": {"origins": partners}},
            supports_credentials=False,
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            expose_headers=["Age", "Retry-After"],
            max_age=600,
        )


def _time_for(path: str, seconds: float) -> float:
    """Seconds that a request may wait for the database: what works through much gets more."""
    if path.startswith((*FITTED, *WORKED_OUT)):
        return FIT_SECONDS
    if path.startswith("/api/imports/") and path.endswith("/take-back"):
        return IMPORT_SECONDS
    if path == "/api/bulk" or path.endswith("/undo"):
        return max(seconds, BULK_SECONDS)
    return seconds


def _bound_waiting(app: OpenAPI, services: Services) -> None:
    """Limit how long a request waits for the database; one that waited for Kafka in vain can still store that."""
    seconds = PATIENCES * services.settings.patience_seconds

    @app.before_request
    def begin() -> None:
        if request.path == "/api/alerts":
            request.max_content_length = MAX_ALERTS_BYTES
        if request.path == "/sign-in":
            request.max_content_length = MAX_SIGN_IN_BYTES
        is_upload = request.path in bodies.FILES and request.method == "POST"
        if is_upload:
            request.max_content_length = MAX_FILE_BYTES
        flask.g.waiting = ExitStack()
        allowed = IMPORT_SECONDS if is_upload else _time_for(request.path, seconds)
        flask.g.waiting.enter_context(services.store.within(allowed))

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "waiting" in flask.g:
            flask.g.waiting.close()
