"""The OpenAPI document's viewer: Swagger UI from the package that ships it, so that nothing is loaded from outside."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, make_response, render_template, request, send_from_directory
from flask_openapi3 import OpenAPI

ASSETS: Final = {
    "swagger-ui.css": "css",
    "swagger-ui-bundle.js": "js",
    "swagger-ui-standalone-preset.js": "js",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""Swagger UI sets styles on elements; scripts remain restricted to files of this origin."""


def blueprint(app: OpenAPI) -> Blueprint:
    """The routes /docs, /docs/assets/… and /openapi.json."""
    views = Blueprint("api_docs", __name__, static_folder=None)
    with as_file(files("flask_openapi3_swagger") / "templates" / "swagger") as folder:
        assets = Path(folder)  # installed packages lie on disk, so the path outlives the context

    @views.get("/docs")
    def viewer() -> Response:
        response = make_response(render_template("api_docs.html"))
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @views.get("/docs/assets/<name>")
    def asset(name: str) -> Response:
        return send_from_directory(assets / ASSETS.get(name, "none"), name, max_age=86400)

    @views.get("/openapi.json")
    def document() -> Response:
        return make_response(app.api_doc | {"servers": [{"url": request.script_root or "/"}]})

    return views
