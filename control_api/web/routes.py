"""The operators' page: one document for all its views; the content comes from the API and live updates."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Request, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from control_api.http import problems
from control_api.settings import ControlApiSettings
from control_api.web import assets
from control_api.web.languages import words
from energytrack.languages.words import Words
from energytrack.plant import Plant
from energytrack.running.launcher import launch_command

VIEWS: Final = ("alarms", "energy", "production", "report", "savings", "schedules", "orders", "machines", "imports")
ENDPOINTS: Final = frozenset({"pages.fleet", "pages.device", *(f"pages.{view}" for view in VIEWS)})


def is_for_a_person(request: Request) -> bool:
    """Whether the client asks for a page, not for data."""
    return (
        request.method in {"GET", "HEAD"}
        and not request.path.startswith(("/api/", "/static/"))
        and "text/html" in request.accept_mimetypes.values()
    )


def shows_a_page(request: Request) -> bool:
    """Whether the response is a page: one of ours, or the page for an unknown address."""
    return request.endpoint in ENDPOINTS or (request.url_rule is None and is_for_a_person(request))


def pages_blueprint(settings: ControlApiSettings, plant: Plant) -> Blueprint:
    views = Blueprint("pages", __name__)
    views.add_app_template_global(launch_command)

    def page(view: str, device_id: str = "") -> Response:
        return make_response(
            render_template(
                "page.html",
                view=view,
                title=device_id if view == "device" else titles(words())[view],
                device_id=device_id,
                has_grafana=settings.grafana_url is not None,
                zone=plant.zone.key,
                currency=plant.tariff.currency,
                silent_seconds=f"{settings.silent_seconds:g}",
                is_complete=assets.are_there(),
            )
        )

    @views.get("/")
    def fleet() -> Response:
        return page("fleet")

    @views.get("/devices/<string:device_id>")
    def device(device_id: str) -> Response:
        return page("device", device_id)

    for view in VIEWS:
        views.add_url_rule(f"/{view}", view, _with_name(view, partial(page, view)))

    @views.get("/runbook")
    def runbook() -> Response:
        """The runbook. Alerts link to it, so it is open to everyone who is paged, signed in or not."""
        return make_response(render_template("runbook.html"))

    @views.app_errorhandler(NotFound)
    def unknown(error: NotFound) -> AnyResponse:
        if not is_for_a_person(request):
            return problems.answer_http(error)
        response = page("unknown", request.path)
        response.status_code = HTTPStatus.NOT_FOUND
        return response

    return views


def titles(t: Words) -> dict[str, str]:
    """The titles of the views."""
    return {
        "fleet": t("Fleet"), "alarms": t("Alarms"), "energy": t("Energy"), "production": t("Production"),
        "report": t("Report"), "savings": t("Savings"), "schedules": t("Schedules"), "orders": t("Orders"),
        "machines": t("Machines"), "imports": t("Import"), "unknown": t("Page not found"),
    }  # fmt: skip


def _with_name(name: str, show: Callable[[], Response]) -> Callable[[], Response]:
    """A view as Flask's extensions want it: a function with a name."""

    def view() -> Response:
        return show()

    view.__name__ = name
    return view
