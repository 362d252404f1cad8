"""Checks that a body is a JSON object before a view handles it; a request without a body is fine."""

import json
from http import HTTPStatus
from typing import Final

import msgspec
from flask import Flask, request
from werkzeug.exceptions import BadRequest

from control_api.http.problems import Problem

FILES: Final = ("/api/imports", "/api/imports/inspect", "/api/imports/prices", "/api/variables/import")
"""Where the body is a file of any kind."""


def install(app: Flask) -> None:
    """Check the body of every change; install the guard first."""

    @app.before_request
    def check_body() -> None:
        if request.method in {"GET", "HEAD", "OPTIONS"} or not request.path.startswith(("/api/", "/sign-in")):
            return
        if request.path in FILES:
            return
        if not request.get_data(cache=True):
            return
        if not request.is_json:
            raise Problem("unsupported_media", "Send the body as JSON, with the header Content-Type: application/json.")
        body = _decoded()
        if not isinstance(body, dict):
            raise Problem("invalid_request", "The body must be a JSON object.")


def _decoded() -> object:
    """The body of the current request, as JSON; raises Problem."""
    try:
        msgspec.json.decode(request.get_data())  # Flask takes NaN, half of a surrogate pair, and infinite numbers
        json.loads(request.get_data(), object_pairs_hook=_named_once)
        return request.get_json()
    except BadRequest as error:
        if error.code != HTTPStatus.BAD_REQUEST:
            raise
        raise Problem("invalid_request", "The body is not valid JSON.") from error
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Problem("invalid_request", f"The body is not valid JSON: {error}.") from error
    except RecursionError as error:
        raise Problem("invalid_request", "The body is nested too deeply.") from error


def _named_once(fields: list[tuple[str, object]]) -> None:
    """Refuse an object with two fields of one name: of these, one program takes the first and another the last."""
    seen: set[str] = set()
    for name, _ in fields:
        if name in seen:
            raise Problem("invalid_request", f"The body has the field {name[:64]!r} twice.")
        seen.add(name)
