"""The OpenAPI document and its viewer: Swagger UI from an installed package, so nothing is loaded from outside."""

from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request, send_from_directory
from flask_openapi3 import OpenAPI

from control_api.http.problems import CONTENT_TYPE, ProblemResponse

ASSETS: Final = {
    "swagger-ui.css": "css",
    "swagger-ui-bundle.js": "js",
    "swagger-ui-standalone-preset.js": "js",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""Swagger UI sets styles on elements; scripts are still restricted to files of this origin."""


def blueprint(app: OpenAPI) -> Blueprint:
    """The routes /docs, /docs/assets/… and /openapi.json."""
    views = Blueprint("api_docs", __name__, static_folder=None)
    with as_file(files("flask_openapi3_swagger") / "templates" / "swagger") as folder:
        assets = Path(folder)  # installed packages are on disk, so the path outlives the context

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
        return make_response(completed(app.api_doc, root=request.script_root))

    return views


def completed(document: Mapping[str, Any], *, root: str) -> dict[str, Any]:
    """The framework's document, plus what applies to every route: the error format, the token, the prefix."""
    problem = {
        "description": "Why the request was refused or failed",
        "content": {CONTENT_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemResponse.__name__}"}}},
    }
    schemas = {**document["components"]["schemas"], ProblemResponse.__name__: ProblemResponse.model_json_schema()}
    paths = {
        path: {
            method: {
                **_with_optional_body(operation, schemas),
                "responses": {**operation["responses"], "422": problem, "default": problem},
            }
            for method, operation in operations.items()
        }
        for path, operations in document["paths"].items()
    }
    return {
        **document,
        "paths": paths,
        "components": {**document["components"], "schemas": schemas},
        "servers": [{"url": root or "/"}],
        "security": [{"token": []}],
    }


def _with_optional_body(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """The operation; its body is optional if none of its fields is required."""
    if "requestBody" not in operation:
        return operation
    body = operation["requestBody"]
    (media,) = body["content"].values()
    schema = schemas.get(media["schema"].get("$ref", "").rpartition("/")[2], media["schema"])
    return {**operation, "requestBody": {**body, "required": bool(schema.get("required"))}}
