"""The last answer to each question of a page, given with its age while the database does not answer in time."""

import sys
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

from control_api.auth.access import READING, Caller
from control_api.auth.own_changes import OwnChanges
from control_api.auth.permissions import LEAST_ROLES
from control_api.devices.cache import MAX_AGE_SECONDS, PATIENCE_SECONDS, SECONDS
from control_api.http.ages import note_age, noted_age
from control_api.http.problems import answer_problem, store_away
from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 32_000_000
"""All answers together, with their questions; the oldest are forgotten."""
MOST_BYTES_EACH: Final = 2_000_000
"""A longer one is an export."""
MOST_ANSWERS: Final = 2_000
LONGEST_QUESTION: Final = 1_000
"""Letters of a path and its query. No page asks a longer one."""
BESIDES: Final = 1_000
"""Bytes that an answer takes besides its question and its body."""
TIMES_AS_LONG: Final = 3.0
"""A question that is slow by nature gets this multiple of the time that it took before."""
MOST_PATIENCE: Final = 120.0
"""In seconds; so one slow answer after the other does not make the next one wait ever longer."""
GONE: Final = frozenset({404, 410})
NOT_KEPT: Final = frozenset({"/api/auth", "/api/devices", "/api/devices/<string:device_id>"})
"""Who asks, which must be asked again each time; and machines, which have a cache of their own."""
FILES: Final = (".csv", ".xlsx", ".pdf", ".png")


class Answer(NamedTuple):
    """A body as it was sent."""

    body: bytes
    content_type: str
    at: float
    """When its reading began; earlier if it contains something older."""
    took: float
    until: float = float("-inf")
    """Up to when it is given at once, because the database has just not answered this question."""


class LastAnswers:
    """Answers by address and query; the same for all callers that a route admits."""

    def __init__(self, clock: Clock, *, within: Callable[[float], AbstractContextManager[None]]) -> None:
        self._clock = clock
        self._within = within
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._changes = OwnChanges(clock)

    def around(self, view: Callable[..., Any]) -> Callable[..., Response]:
        """The view; while the database does not answer in time, its last answer to the same question."""

        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Response:
            question = request.full_path
            last = self.last(question)
            began = self._clock.monotonic()
            if last is None or not self._changes.is_seen(_subject(), last.at):
                return self._kept(question, view(*args, **kwargs), began)
            if began < last.until:  # no other caller waits meanwhile
                return self._again(last)
            flask.g.is_bounded = True
            try:
                with self._within(min(MOST_PATIENCE, max(PATIENCE_SECONDS, TIMES_AS_LONG * last.took))):
                    return self._kept(question, view(*args, **kwargs), began)
            except StoreUnavailable as error:
                log.warning("the database is slow: an earlier answer was given", path=request.path, error=error.detail)
                return self._again(self._awaited(question, last))

        return answered

    def last(self, question: str) -> Answer | None:
        """The last answer; None if there is none that may be shown."""
        with self._lock:
            answer = self._answers.get(question)
        return None if answer is None or self._is_too_old(answer) else answer

    def finished(self, response: Response) -> Response:
        """After every request: note a change, forget what is gone, and say how old the response is."""
        if request.method not in READING:
            if response.status_code < 400:
                self._changes.note(_subject())
            return response
        if response.status_code in GONE:
            with self._lock:
                self._forget(request.full_path)
        age_seconds = noted_age()
        if age_seconds is None or response.status_code != 200:
            return response
        if not self._changes.is_seen(_subject(), self._clock.monotonic() - age_seconds):
            response.close()
            return answer_problem(store_away())
        response.headers["Age"] = f"{age_seconds:.0f}"
        return response

    def _is_too_old(self, answer: Answer) -> bool:
        return self._clock.monotonic() - answer.at > MAX_AGE_SECONDS

    def _awaited(self, question: str, last: Answer) -> Answer:
        """The last answer, after the database has been asked for another one in vain."""
        with self._lock:
            last = self._answers.get(question, last)
            if question in self._answers:
                self._answers[question] = last._replace(until=self._clock.monotonic() + SECONDS)
        return last

    def _again(self, last: Answer) -> Response:
        note_age(self._clock.monotonic() - last.at)
        return Response(last.body, content_type=last.content_type)

    def _kept(self, question: str, response: Response, began: float) -> Response:
        if response.status_code != 200:
            return response
        if response.is_streamed and not _is_collected(response):
            return response
        body = response.get_data()
        if len(body) <= MOST_BYTES_EACH and len(question) <= LONGEST_QUESTION:
            took = self._clock.monotonic() - began
            self._keep(question, Answer(body, response.content_type, began - (noted_age() or 0.0), took))
        return response

    def _keep(self, question: str, answer: Answer) -> None:
        with self._lock:
            before = self._answers.get(question)
            if before is not None and before.at > answer.at:  # its reading began earlier and took longer
                return
            self._forget(question)
            self._answers[question] = answer
            self._bytes += _size(question, answer)
            while self._answers and self._is_too_much(next(iter(self._answers.values()))):
                self._forget(next(iter(self._answers)))

    def _is_too_much(self, oldest: Answer) -> bool:
        return self._bytes > MOST_BYTES or len(self._answers) > MOST_ANSWERS or self._is_too_old(oldest)

    def _forget(self, question: str) -> None:
        answer = self._answers.pop(question, None)
        self._bytes -= 0 if answer is None else _size(question, answer)


def _size(question: str, answer: Answer) -> int:
    return sys.getsizeof(question) + len(answer.body) + len(answer.content_type) + BESIDES


def _subject() -> str:
    """Who calls; empty on a route that needs no caller."""
    caller: Caller | None = flask.g.get("caller")
    return "" if caller is None else caller.identity.subject


def _is_collected(response: Response) -> bool:
    """Read a streamed body ahead; False if it is long, and its rest is streamed as before."""
    close = getattr(response.response, "close", None)
    if close is not None:  # what takes its place below does not know it
        response.call_on_close(close)
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
    app.after_request(answers.finished)


def is_kept(rule: Rule) -> bool:
    """Whether a route's answers are kept: what Viewers read as JSON."""
    is_read = LEAST_ROLES.get(f"GET {rule.rule}") == "Viewer" and "GET" in (rule.methods or ())
    return is_read and rule.rule.startswith("/api/") and rule.rule not in NOT_KEPT and not rule.rule.endswith(FILES)
