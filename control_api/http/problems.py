"""What the API says when something does not go: one shape for every error, RFC 9457's `application/problem+json`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from flask import Flask, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from energytrack.errors import BusUnavailable, DeliveryFailed, EnergyTrackError, StoreUnavailable

log = structlog.get_logger(__name__)

CONTENT_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5
"""What a caller is told to wait while Kafka or the database is away."""

TITLES: Final[Mapping[str, tuple[HTTPStatus, str]]] = {
    "invalid_request": (HTTPStatus.UNPROCESSABLE_ENTITY, "The request does not fit"),
    "unsupported_media": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be JSON"),
    "unknown_device": (HTTPStatus.NOT_FOUND, "There is no such device"),
    "unknown_order": (HTTPStatus.NOT_FOUND, "There is no such order"),
    "device_busy": (HTTPStatus.CONFLICT, "The device has an open order"),
    "device_locked": (HTTPStatus.LOCKED, "The device is locked out"),
    "not_locked": (HTTPStatus.CONFLICT, "The device is not locked out"),
    "not_holder": (HTTPStatus.FORBIDDEN, "The lock is somebody else's"),
    "reason_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "This needs a reason"),
    "override_needed": (HTTPStatus.CONFLICT, "The order would disturb production"),
    "not_undoable": (HTTPStatus.CONFLICT, "The order cannot be undone"),
    "unknown_alarm": (HTTPStatus.NOT_FOUND, "There is no such alarm"),
    "alarm_over": (HTTPStatus.CONFLICT, "The alarm's state does not allow this"),
    "alarm_changed": (HTTPStatus.CONFLICT, "The alarm was changed by others"),
    "unknown_schedule": (HTTPStatus.NOT_FOUND, "There is no such schedule"),
    "no_proposal": (HTTPStatus.NOT_FOUND, "There is nothing to propose"),
    "key_reused": (HTTPStatus.UNPROCESSABLE_ENTITY, "The idempotency key belongs to another request"),
    "not_signed_in": (HTTPStatus.UNAUTHORIZED, "Nobody is signed in"),
    "not_allowed": (HTTPStatus.FORBIDDEN, "The role does not reach this"),
    "foreign_origin": (HTTPStatus.FORBIDDEN, "The request comes from another page"),
    "not_meant": (HTTPStatus.FORBIDDEN, "The request does not show that somebody meant it"),
    "too_many_requests": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    "kafka_away": (HTTPStatus.SERVICE_UNAVAILABLE, "Kafka does not answer"),
    "store_away": (HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer"),
}
"""Every problem that this API raises on purpose: its code, its status, its title."""


@dataclass(eq=False)
class Problem(EnergyTrackError):
    """A request that cannot be carried out; becomes the answer."""

    code: str
    """A key of `TITLES`."""
    detail: str
    """The sentence for a person."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """Further members of the answer, such as the order that is in the way."""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class ProblemResponse(BaseModel):
    """The body of every error."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(description="`urn:energytrack:problem:` and a code that stays the same")
    title: str = Field(description="What kind of problem it is")
    status: int = Field(description="The HTTP status once more")
    detail: str = Field(description="What is in the way this time, in a sentence")


def answer(code: str, status: int, title: str, detail: str, facts: Mapping[str, object] | None = None) -> Response:
    """The response that carries a problem."""
    body = {"type": f"urn:energytrack:problem:{code}", "title": title, "status": int(status), "detail": detail}
    response = Response(msgspec.json.encode({**(facts or {}), **body}), status=int(status), content_type=CONTENT_TYPE)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def answer_problem(problem: Problem) -> Response:
    """A problem raised on purpose."""
    status, title = TITLES[problem.code]
    return answer(problem.code, status, title, problem.detail, problem.facts)


def answer_invalid(error: ValidationError) -> Response:
    """A request whose path, query or body does not fit its model; says every field that is wrong."""
    if request.method not in {"GET", "HEAD", "DELETE"} and not request.is_json:
        return answer_problem(Problem("unsupported_media", "Send the body as Content-Type: application/json."))
    errors = [
        {"field": ".".join(str(part) for part in problem["loc"]), "message": problem["msg"]}
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    sentence = "; ".join(f"{each['field']}: {each['message']}" if each["field"] else each["message"] for each in errors)
    return answer_problem(Problem("invalid_request", sentence, {"errors": errors}))


def install(app: Flask) -> None:
    """Give every error of an application the one shape."""
    handlers: list[tuple[type[Exception], Callable[[Any], Response]]] = [
        (Problem, answer_problem),
        (HTTPException, _answer_http),
        (DeliveryFailed, _answer_kafka),
        (BusUnavailable, _answer_kafka),
        (StoreUnavailable, _answer_store),
    ]
    for kind, handler in handlers:
        app.register_error_handler(kind, handler)


def _answer_http(error: HTTPException) -> Response:
    original = getattr(error, "original_exception", None)
    if original is not None:
        log.error("request failed", path=request.path, error=str(original), kind=type(original).__name__)
    status = HTTPStatus(error.code or 500)
    code = re.sub(r"\W+", "_", status.phrase.lower())
    made = answer(code, status, status.phrase, error.description or status.phrase)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        made.headers["Retry-After"] = "60"
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            made.headers[name] = value  # Allow, Retry-After
    return made


def _answer_kafka(error: DeliveryFailed | BusUnavailable) -> Response:
    log.warning("kafka is away", error=str(error))
    return answer_problem(
        Problem("kafka_away", "Orders travel over Kafka, and it does not answer now. Nothing was ordered; try again.")
    )


def _answer_store(error: StoreUnavailable) -> Response:
    log.warning("the database is away", error=error.detail)
    return answer_problem(
        Problem("store_away", "Orders are kept in the database, and it does not answer now. Nothing was ordered.")
    )
