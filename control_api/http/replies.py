"""JSON responses."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel


def reply(body: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A model as the JSON body of a response."""
    return Response(body.model_dump_json(), status=status, content_type="application/json")
