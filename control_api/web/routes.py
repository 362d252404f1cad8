"""The operators' page: one document for all its views; their content comes from the API and live updates."""

from typing import Final

from flask import Blueprint, Response, make_response, render_template

from control_api.settings import ControlApiSettings
from control_api.web import assets

VIEWS: Final = ("alarms", "schedules", "orders")
ENDPOINTS: Final = frozenset({"pages.fleet", "pages.device", *(f"pages.{view}" for view in VIEWS)})


def pages_blueprint(settings: ControlApiSettings) -> Blueprint:
    views = Blueprint("pages", __name__)

    def page(view: str, title: str, device_id: str = "") -> Response:
        return make_response(
            render_template(
                "page.html",
                view=view,
                title=title,
                device_id=device_id,
                has_grafana=settings.grafana_url is not None,
                is_complete=assets.are_there(),
            )
        )

    @views.get("/")
    def fleet() -> Response:
        return page("fleet", "Fleet")

    @views.get("/devices/<string:device_id>")
    def device(device_id: str) -> Response:
        return page("device", device_id, device_id)

    @views.get("/alarms")
    def alarms() -> Response:
        return page("alarms", "Alarms")

    @views.get("/schedules")
    def schedules() -> Response:
        return page("schedules", "Schedules")

    @views.get("/orders")
    def orders() -> Response:
        return page("orders", "Orders")

    @views.get("/runbook")
    def runbook() -> Response:
        """What to do about each alert; alerts link to it, so it is open to whoever is paged, signed in or not."""
        return make_response(render_template("runbook.html"))

    return views
