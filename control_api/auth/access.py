"""Who is it that sends a request: a script with a token, a person with a session of ours, or one of Grafana's."""

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
AuthMethod = Literal["token", "session", "grafana", "alerting"]


class Caller(Struct, frozen=True):
    """Somebody who was let in, and how."""

    identity: Identity
    way: AuthMethod
    csrf: str
    """What a page of this session sends with each change; empty for a script."""


@dataclass(frozen=True)
class Access:
    """Tries the ways in, one after the other; a token that is no good ends the search."""

    credentials: Credentials
    grafana: GrafanaSessions | None
    alerts_token: bytes | None = None
    """What Grafana's alerting and Alertmanager send; good for their route only."""

    def caller(self, request: Request) -> Caller | None:
        """Who it is; None for nobody."""
        if "Authorization" in request.headers:
            return self._with_token(request)
        session = request.cookies.get(SESSION_COOKIE)
        if session:
            token = self.credentials.check("session", session)
            if token is not None:
                return Caller(Identity(f"link:{token.name}", cast(Role, token.role)), "session", csrf_token(session))
        cookie = request.cookies.get(GRAFANA_COOKIE)
        if self.grafana is not None and cookie:
            identity = self.grafana.identity(cookie)
            if identity is not None:
                return Caller(identity, "grafana", csrf_token(cookie))
        return None

    def _with_token(self, request: Request) -> Caller | None:
        given = request.authorization
        if given is None or given.type != "bearer" or given.token is None:
            return None
        if self.alerts_token and hmac.compare_digest(given.token.encode(), self.alerts_token):
            return Caller(Identity("token:alerting", "Viewer"), "alerting", "")
        token = self.credentials.check("token", given.token)
        return None if token is None else Caller(Identity(f"token:{token.name}", cast(Role, token.role)), "token", "")
