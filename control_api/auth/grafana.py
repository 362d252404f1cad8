"""Asks Grafana which user a session belongs to."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

import httpx
import msgspec
import structlog
from cachetools import TTLCache
from msgspec import Struct

from control_api.auth.identity import Identity
from control_api.http.problems import Problem
from energytrack.clock import Clock

log = structlog.get_logger(__name__)

COOKIE: Final = "grafana_session"
CACHE_SECONDS: Final = 5.0
"""How long a user who signed out or lost a role may still be admitted."""
CACHE_SECONDS_WHILE_SLOW: Final = 30.0
"""The same while Grafana is too slow to be asked each time; as long as live connections go on anyway."""
CACHED_SESSIONS: Final = 2000
ANSWER_SECONDS: Final = 2.0
MAX_COOKIE: Final = 4096
KNOWN_SECONDS: Final = 3600.0
"""How long a session that Grafana confirmed has places of its own to be asked about."""
SLOW_SECONDS: Final = 1.0
"""From here on an answer is slow, and so are the next ones for `SLOW_FOR`."""
SLOW_FOR: Final = 10.0
UNKNOWN_WHILE_SLOW: Final = 8
KNOWN_WHILE_SLOW: Final = 24
"""Questions at once to a Grafana that is slow, so that it leaves threads for those who sign in otherwise. Sessions that
it has not confirmed have fewer: anybody can invent them.
"""


class User(Struct, frozen=True, rename="camel"):
    """The answer of /api/user (seen on 12.2)."""

    login: str
    is_disabled: bool = False
    is_grafana_admin: bool = False


class Membership(Struct, frozen=True, rename="camel"):
    """An element of the answer of /api/user/orgs."""

    org_id: int
    role: Literal["Viewer", "Editor", "Admin", "None"] | None


class SessionAnswer(Struct, frozen=True):
    """Grafana's answer about a session; an invalid session is cached too."""

    identity: Identity | None


class Questions:
    """The questions that are under way; each occupies a thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way: dict[object, tuple[bool, float]] = {}
        """Whether the session is known, and when the question was asked."""
        self._slow_until = 0.0

    @contextmanager
    def one_more(self, *, known: bool) -> Iterator[None]:
        """Ask; raises Problem if Grafana is slow and too many are asking."""
        question, now = object(), self._clock.monotonic()
        with self._lock:
            is_slow = now < self._slow_until or any(now - since > SLOW_SECONDS for _, since in self._under_way.values())
            others = sum(other is known for other, _ in self._under_way.values())
            if is_slow and others >= (KNOWN_WHILE_SLOW if known else UNKNOWN_WHILE_SLOW):
                raise Problem("grafana_slow", "Grafana, which knows who you are, is slow; try again in a few seconds.")
            self._under_way[question] = known, now
        try:
            yield
        finally:
            ended = self._clock.monotonic()
            with self._lock:
                del self._under_way[question]
                if ended - now > SLOW_SECONDS:
                    self._slow_until = ended + SLOW_FOR


class GrafanaSessions:
    """Asks Grafana, and caches the answers for a few seconds by a hash of the cookie."""

    def __init__(self, url: str, *, org_id: int, clock: Clock, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=url, timeout=ANSWER_SECONDS, follow_redirects=False, trust_env=False, transport=transport
        )
        self._org_id = org_id
        self._answers: TTLCache[bytes, SessionAnswer] = TTLCache(CACHED_SESSIONS, CACHE_SECONDS, timer=clock.monotonic)
        self._known: TTLCache[bytes, tuple[Identity, float]] = TTLCache(
            CACHED_SESSIONS, KNOWN_SECONDS, timer=clock.monotonic
        )
        self._lock = threading.Lock()
        self._clock = clock
        self._questions = Questions(clock)
        self._unreachable = False

    def identity(self, cookie: str) -> Identity | None:
        """The user of a session.

        None for an invalid one, for a user without a role, and while Grafana is unavailable. Raises Problem if it is
        slow and too many ask.
        """
        if not 1 <= len(cookie) <= MAX_COOKIE or not cookie.isascii() or ";" in cookie:
            return None
        key = hashlib.sha256(cookie.encode()).digest()
        with self._lock:
            cached, known = self._answers.get(key), self._known.get(key)
        if cached is not None:
            return cached.identity
        try:
            with self._questions.one_more(known=known is not None):
                return self._look_up(key, cookie)
        except Problem:
            if known is not None and self._clock.monotonic() - known[1] <= CACHE_SECONDS_WHILE_SLOW:
                return known[0]
            raise

    def _look_up(self, key: bytes, cookie: str) -> Identity | None:
        try:
            answer = SessionAnswer(self._ask(cookie))
        except (httpx.HTTPError, msgspec.MsgspecError, UnicodeError) as error:
            if not self._unreachable:
                log.warning("grafana does not answer; its users cannot sign in",
                            error=str(error) or type(error).__name__)  # fmt: skip
            self._unreachable = True
            return None
        self._unreachable = False
        with self._lock:
            self._answers[key] = answer
            if answer.identity is not None:
                self._known[key] = answer.identity, self._clock.monotonic()
        return answer.identity

    def _ask(self, cookie: str) -> Identity | None:
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        response = self._client.get("/api/user", headers=headers)
        if response.status_code in {401, 403}:
            return None
        user = msgspec.json.decode(response.raise_for_status().content, type=User)
        if user.is_disabled:
            return None
        response = self._client.get("/api/user/orgs", headers=headers)
        memberships = msgspec.json.decode(response.raise_for_status().content, type=list[Membership])
        for membership in memberships:
            if membership.org_id == self._org_id and membership.role in {"Viewer", "Editor", "Admin"}:
                return Identity(f"grafana:{user.login}", membership.role)
        return None
