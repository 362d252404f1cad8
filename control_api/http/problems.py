"""All errors have the same format: RFC 9457's `application/problem+json`, with a sentence for people."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from flask import Flask, Response, request
from pydantic import ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from control_api.http.messages import message
from control_api.http.schemas import DocumentedModel
from energytrack.errors import BusUnavailable, DeliveryFailed, EnergyTrackError, StoreUnavailable

log = structlog.get_logger(__name__)

CONTENT_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5
"""How long a caller should wait before retrying while Kafka or the database is unavailable."""

TITLES: Final[Mapping[str, tuple[HTTPStatus, str]]] = {
    "invalid_request": (HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid"),
    "unsupported_media": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be JSON"),
    "unknown_device": (HTTPStatus.NOT_FOUND, "There is no such device"),
    "unknown_order": (HTTPStatus.NOT_FOUND, "There is no such order"),
    "device_busy": (HTTPStatus.CONFLICT, "The device has an open order"),
    "device_locked": (HTTPStatus.LOCKED, "The device is locked out"),
    "not_locked": (HTTPStatus.CONFLICT, "The device is not locked out"),
    "not_holder": (HTTPStatus.FORBIDDEN, "The lock is held by another person"),
    "reason_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "This needs a reason"),
    "override_needed": (HTTPStatus.CONFLICT, "The order would disturb production"),
    "not_undoable": (HTTPStatus.CONFLICT, "The order cannot be undone"),
    "unknown_alarm": (HTTPStatus.NOT_FOUND, "There is no such alarm"),
    "alarm_over": (HTTPStatus.CONFLICT, "The alarm's state does not allow this"),
    "alarm_changed": (HTTPStatus.CONFLICT, "The alarm was changed by another person"),
    "no_channel": (HTTPStatus.CONFLICT, "The person has no channel"),
    "no_duty": (HTTPStatus.CONFLICT, "The plant file has no one on duty"),
    "unknown_schedule": (HTTPStatus.NOT_FOUND, "There is no such schedule"),
    "not_in_ledger": (HTTPStatus.CONFLICT, "The energy ledger has no data of that time"),
    "nothing_suspect": (HTTPStatus.CONFLICT, "There is nothing to decide"),
    "no_correction": (HTTPStatus.CONFLICT, "There is no decision to withdraw"),
    "too_many_rows": (HTTPStatus.UNPROCESSABLE_ENTITY, "The response would be too long"),
    "unknown_baseline": (HTTPStatus.NOT_FOUND, "There is no such baseline"),
    "baseline_changed": (HTTPStatus.CONFLICT, "The baseline was changed by another person"),
    "too_few_days": (HTTPStatus.CONFLICT, "Too little is known for a baseline"),
    "unknown_meter": (HTTPStatus.NOT_FOUND, "There is no such meter"),
    "unknown_stop": (HTTPStatus.NOT_FOUND, "There is no such stop"),
    "unknown_measure": (HTTPStatus.NOT_FOUND, "There is no such measure"),
    "measure_open": (HTTPStatus.CONFLICT, "There is an open measure already"),
    "no_proposal": (HTTPStatus.NOT_FOUND, "There is no schedule to propose"),
    "unreadable_file": (HTTPStatus.UNPROCESSABLE_ENTITY, "The file cannot be read"),
    "import_changed": (HTTPStatus.CONFLICT, "The file is read differently than before"),
    "machine_listed": (HTTPStatus.CONFLICT, "The plant file lists the machine"),
    "unknown_page": (HTTPStatus.NOT_FOUND, "There is no such page"),
    "unknown_import": (HTTPStatus.NOT_FOUND, "There is no such import"),
    "key_reused": (HTTPStatus.UNPROCESSABLE_ENTITY, "The idempotency key was used for another order"),
    "not_signed_in": (HTTPStatus.UNAUTHORIZED, "Sign-in is needed"),
    "not_allowed": (HTTPStatus.FORBIDDEN, "The role does not allow this"),
    "foreign_host": (HTTPStatus.MISDIRECTED_REQUEST, "The request was sent to another host name"),
    "foreign_origin": (HTTPStatus.FORBIDDEN, "The request comes from another site"),
    "not_meant": (HTTPStatus.FORBIDDEN, "The request lacks the header that shows it was intended"),
    "too_many_requests": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    "grafana_slow": (HTTPStatus.SERVICE_UNAVAILABLE, "Grafana does not answer in time"),
    "kafka_away": (HTTPStatus.SERVICE_UNAVAILABLE, "Kafka is not available"),
    "store_away": (HTTPStatus.SERVICE_UNAVAILABLE, "The database is not available"),
}
"""Every problem that this API raises: its code, its status and its title."""


@dataclass(eq=False)
class Problem(EnergyTrackError):
    """A request that cannot be carried out; becomes the response."""

    code: str
    """A key of `TITLES`."""
    detail: str
    """The sentence for people."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """Further members of the response, such as the order that prevents this one."""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class ProblemResponse(DocumentedModel):
    """The body of every error."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(description="`urn:energytrack:problem:` and a code that does not change")
    title: str = Field(description="The kind of problem")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What prevents this request, in a sentence")


def answer(code: str, status: int, title: str, detail: str, facts: Mapping[str, object] | None = None) -> Response:
    """The response that carries a problem."""
    body = {"type": f"urn:energytrack:problem:{code}", "title": title, "status": int(status), "detail": detail}
    response = Response(msgspec.json.encode({**(facts or {}), **body}), status=int(status), content_type=CONTENT_TYPE)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def answer_problem(problem: Problem) -> Response:
    """The response to a raised problem."""
    status, title = TITLES[problem.code]
    return answer(problem.code, status, title, problem.detail, problem.facts)


def answer_invalid(error: ValidationError) -> Response:
    """The response to an invalid path, query string, header or body; names every field that is wrong."""
    errors = [
        {"field": ".".join(str(part) for part in problem["loc"]), "message": message(problem)}
        for problem in error.errors(include_url=False, include_input=False)
    ]
    sentences = " ".join(f"{each['field'] or 'The request'} {each['message']}." for each in errors)
    return answer_problem(Problem("invalid_request", sentences, {"errors": errors}))


def install(app: Flask) -> None:
    """Give every error of an application the same format."""
    handlers: list[tuple[type[Exception], Callable[[Any], Response]]] = [
        (Problem, answer_problem),
        (HTTPException, answer_http),
        (DeliveryFailed, _answer_kafka),
        (BusUnavailable, _answer_kafka),
        (StoreUnavailable, _answer_store),
    ]
    for kind, handler in handlers:
        app.register_error_handler(kind, handler)


def answer_http(error: HTTPException) -> Response:
    """The response to an error raised by the framework."""
    original = getattr(error, "original_exception", None)
    if original is not None:
        log.error("request failed", path=request.path, error=str(original), kind=type(original).__name__)
    status = HTTPStatus(error.code or 500)
    code = re.sub(r"\W+", "_", status.phrase.lower())
    response = answer(code, status, status.phrase, _sentence(status, error))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = "60"
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value  # Allow, Retry-After
    return response


def _sentence(status: HTTPStatus, error: HTTPException) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return f"There is nothing at {request.path}; see {request.script_root}/docs for a list."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(sorted(set(getattr(error, "valid_methods", None) or ()) - {"OPTIONS"}))
            return f"{request.method} does not work at {request.path}; use {allowed or 'another method'}."
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return f"The body is too large; at most {request.max_content_length} bytes are accepted."
        case HTTPStatus.TOO_MANY_REQUESTS:
            return f"Too many requests: at most {error.description} are accepted. Try again later."
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return "Internal error: the log of the control API has the details."
        case _:
            return error.description or f"{status.phrase}."


def _answer_kafka(error: DeliveryFailed | BusUnavailable) -> Response:
    log.warning("kafka is unavailable", error=str(error))
    return answer_problem(
        Problem("kafka_away", "Kafka, which carries the orders, does not answer. Nothing was ordered; try again later.")
    )


def _answer_store(error: StoreUnavailable) -> Response:
    log.warning("the database is unavailable", error=error.detail)
    return answer_problem(store_away())


def store_away() -> Problem:
    """What the current request is answered while the database does not answer."""
    if request.method in {"GET", "HEAD"}:
        sentence = "The database does not answer in time, and there is no earlier answer; try again in a few seconds."
    else:
        sentence = "The database does not answer. Nothing was ordered; try again later."
    return Problem("store_away", sentence)
