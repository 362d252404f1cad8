"""Identifies the sender of a request: a script with a token, or a person with our own session or Grafana's."""

import hmac
from dataclasses import dataclass
from typing import Final, Literal, cast

from flask import Request
from msgspec import Struct

from control_api.auth.credentials import Credentials, csrf_token
from control_api.auth.grafana import COOKIE as GRAFANA_COOKIE
from control_api.auth.grafana import GrafanaSessions
from control_api.auth.identity import Identity, Role

SESSION_COOKIE: Final = "energytrack_session"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
AuthMethod = Literal["token", "session", "grafana", "alerting"]


class Caller(Struct, frozen=True):
    """A signed-in caller, and how they signed in."""

    identity: Identity
    method: AuthMethod
    csrf: str
    """What a page of this session sends with each change; empty for a script."""


@dataclass(frozen=True)
class Authenticator:
    """Tries the methods one after the other; a wrong token ends the search."""

    credentials: Credentials
    grafana: GrafanaSessions | None
    alerts_token: bytes | None = None
    """The token of Grafana's alerting and Alertmanager; valid for their route only."""

    def caller(self, request: Request) -> Caller | None:
        """The caller; None if not signed in."""
        if "Authorization" in request.headers:
            return self._with_token(request)
        session = request.cookies.get(SESSION_COOKIE)
        if session:
            token = self.credentials.check("session", session, only_reads=request.method in READING)
            if token is not None:
                return Caller(Identity(f"link:{token.name}", cast(Role, token.role)), "session", csrf_token(session))
        cookie = request.cookies.get(GRAFANA_COOKIE)
        if self.grafana is not None and cookie:
            identity = self.grafana.identity(cookie)
            if identity is not None:
                return Caller(identity, "grafana", csrf_token(cookie))
        return None

    def subject(self, request: Request) -> str | None:
        """The caller's subject; None if not signed in."""
        caller = self.caller(request)
        return None if caller is None else caller.identity.subject

    def _with_token(self, request: Request) -> Caller | None:
        authorization = request.authorization
        if authorization is None or authorization.type != "bearer" or authorization.token is None:
            return None
        if self.alerts_token and hmac.compare_digest(authorization.token.encode(), self.alerts_token):
            return Caller(Identity("token:alerting", "Viewer"), "alerting", "")
        only_reads = request.method in READING
        token = self.credentials.check("token", authorization.token, only_reads=only_reads)
        return None if token is None else Caller(Identity(f"token:{token.name}", cast(Role, token.role)), "token", "")
