"""Who a Grafana session belongs to, as Grafana itself says."""

import hashlib
import threading
from collections import OrderedDict
from typing import Final, Literal

import httpx
import msgspec
import structlog
from msgspec import Struct

from control_api.auth.identity import Identity
from energytrack.clock import Clock

log = structlog.get_logger(__name__)

COOKIE: Final = "grafana_session"
REMEMBERED_SECONDS: Final = 5.0
"""How long a person who was signed out, or whose role was taken away, may still be let in."""
REMEMBERED: Final = 2000
"""Sessions at most; the oldest go first."""
ANSWER_SECONDS: Final = 2.0
MAX_COOKIE: Final = 4096


class User(Struct, frozen=True, rename="camel"):
    """What /api/user says (seen on 12.2)."""

    login: str
    is_disabled: bool = False
    is_grafana_admin: bool = False


class Membership(Struct, frozen=True, rename="camel"):
    """What /api/user/orgs says, a list of these."""

    org_id: int
    role: Literal["Viewer", "Editor", "Admin", "None"] | None


class GrafanaSessions:
    """Asks Grafana, and remembers its answer for a few seconds, keyed by a hash of the cookie."""

    def __init__(self, url: str, *, org_id: int, clock: Clock, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=url, timeout=ANSWER_SECONDS, follow_redirects=False, trust_env=False, transport=transport
        )
        self._org_id = org_id
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, Identity | None]] = OrderedDict()
        self._lock = threading.Lock()
        self._away = False

    def identity(self, cookie: str) -> Identity | None:
        """Whose session it is; None for a bad one, for somebody without a role, and while Grafana does not answer."""
        if not 1 <= len(cookie) <= MAX_COOKIE or not cookie.isascii() or ";" in cookie:
            return None
        key = hashlib.sha256(cookie.encode()).digest()
        now = self._clock.monotonic()
        with self._lock:
            remembered = self._known.get(key)
        if remembered is not None and remembered[0] > now:
            return remembered[1]
        try:
            identity = self._ask(cookie)
        except (httpx.HTTPError, msgspec.MsgspecError, UnicodeError) as error:
            if not self._away:
                log.warning("grafana does not answer; nobody signs in by it", error=str(error) or type(error).__name__)
            self._away = True
            return None
        self._away = False
        with self._lock:
            self._known[key] = (now + REMEMBERED_SECONDS, identity)
            self._known.move_to_end(key)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return identity

    def _ask(self, cookie: str) -> Identity | None:
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        answer = self._client.get("/api/user", headers=headers)
        if answer.status_code in {401, 403}:
            return None
        user = msgspec.json.decode(answer.raise_for_status().content, type=User)
        if user.is_disabled:
            return None
        answer = self._client.get("/api/user/orgs", headers=headers)
        memberships = msgspec.json.decode(answer.raise_for_status().content, type=list[Membership])
        for membership in memberships:
            if membership.org_id == self._org_id and membership.role in {"Viewer", "Editor", "Admin"}:
                return Identity(f"grafana:{user.login}", membership.role)
        return None
