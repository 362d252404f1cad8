"""The last answer to each question of a page, given with its age while the database does not answer in time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import wraps
from itertools import chain
from typing import Any, Final, NamedTuple

import flask
import structlog
from flask import Flask, Response, request
from werkzeug.routing import Rule

from control_api.auth.permissions import LEAST_ROLES
from control_api.devices.cache import MAX_AGE_SECONDS, PATIENCE_SECONDS, SECONDS
from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 32_000_000
"""All answers together; the oldest are forgotten."""
MOST_BYTES_EACH: Final = 2_000_000
"""A longer one is an export."""
TIMES_AS_LONG: Final = 3.0
"""A question that is slow by nature gets this multiple of the time that it took before."""
NOT_KEPT: Final = frozenset({"/api/auth", "/api/devices", "/api/devices/<string:device_id>"})
"""Who asks, which must be asked again each time; and machines, which have a cache of their own."""
FILES: Final = (".csv", ".xlsx", ".pdf", ".png")


class Answer(NamedTuple):
    """A body as it was sent."""

    body: bytes
    content_type: str
    at: float
    took: float


class LastAnswers:
    """Answers by address and query; the same for all callers that a route admits."""

    def __init__(self, clock: Clock, *, within: Callable[[float], AbstractContextManager[None]]) -> None:
        self._clock = clock
        self._within = within
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._until = float("-inf")

    def around(self, view: Callable[..., Any]) -> Callable[..., Response]:
        """The view; while the database does not answer in time, its last answer to the same question."""

        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Response:
            question = request.full_path
            last = self.last(question)
            began = self._clock.monotonic()
            if last is None:
                return self._kept(question, view(*args, **kwargs), began)
            if began < self._until:  # no other caller waits meanwhile
                return self._again(last)
            flask.g.is_bounded = True
            try:
                with self._within(max(PATIENCE_SECONDS, TIMES_AS_LONG * last.took)):
                    return self._kept(question, view(*args, **kwargs), began)
            except StoreUnavailable as error:
                log.warning("the database is slow: an earlier answer was given", path=request.path, error=error.detail)
                self._until = self._clock.monotonic() + SECONDS
                return self._again(last)

        return answered

    def last(self, question: str) -> Answer | None:
        """The last answer; None if there is none that may be shown."""
        with self._lock:
            answer = self._answers.get(question)
        too_old = answer is not None and self._clock.monotonic() - answer.at > MAX_AGE_SECONDS
        return None if too_old else answer

    def _again(self, last: Answer) -> Response:
        response = Response(last.body, content_type=last.content_type)
        response.headers["Age"] = f"{self._clock.monotonic() - last.at:.0f}"
        return response

    def _kept(self, question: str, response: Response, began: float) -> Response:
        if response.status_code != 200:
            return response
        if response.is_streamed and not _is_collected(response):
            return response
        body = response.get_data()
        if len(body) <= MOST_BYTES_EACH:
            now = self._clock.monotonic()
            self._keep(question, Answer(body, response.content_type, now, now - began))
        return response

    def _keep(self, question: str, answer: Answer) -> None:
        with self._lock:
            before = self._answers.pop(question, None)
            self._bytes += len(answer.body) - (0 if before is None else len(before.body))
            self._answers[question] = answer
            while self._bytes > MOST_BYTES:
                self._bytes -= len(self._answers.popitem(last=False)[1].body)


def _is_collected(response: Response) -> bool:
    """Read a streamed body ahead; False if it is long, and its rest is streamed as before."""
    parts: Iterator[bytes] = iter(response.iter_encoded())
    ahead: list[bytes] = []
    size = 0
    for part in parts:
        ahead.append(part)
        size += len(part)
        if size > MOST_BYTES_EACH:
            response.response = chain(ahead, parts)
            return False
    response.set_data(b"".join(ahead))
    return True


def install(app: Flask, answers: LastAnswers) -> None:
    """Wrap every view that reads something for a page. The guard has checked the caller before."""
    for rule in app.url_map.iter_rules():
        if is_kept(rule):
            app.view_functions[rule.endpoint] = answers.around(app.view_functions[rule.endpoint])


def is_kept(rule: Rule) -> bool:
    """Whether a route's answers are kept: what Viewers read as JSON."""
    is_read = LEAST_ROLES.get(f"GET {rule.rule}") == "Viewer" and "GET" in (rule.methods or ())
    return is_read and rule.rule.startswith("/api/") and rule.rule not in NOT_KEPT and not rule.rule.endswith(FILES)
