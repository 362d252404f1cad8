"""Stands in for Grafana: answers /api/user and /api/user/orgs in the shapes of Grafana 12.2."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any


@dataclass
class GrafanaStandIn:
    """A WSGI application; `session-of-<login>` is the cookie of somebody's session."""

    roles: dict[str, str] = field(default_factory=lambda: {"maria": "Editor", "victor": "Viewer", "anna": "Admin"})
    disabled: set[str] = field(default_factory=set)
    away: bool = False
    asked: int = 0
    """How often somebody's identity was asked for."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        status, answer = self._answer(environ)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, Any]:
        if self.away:
            return "502 Bad Gateway", {"message": "upstream is away"}
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("grafana_session")
        login = "" if cookie is None else cookie.value.removeprefix("session-of-")
        if login not in self.roles:
            return "401 Unauthorized", {"message": "Unauthorized", "messageId": "session.token.rotate"}
        if environ["PATH_INFO"] == "/api/user":
            self.asked += 1
            return "200 OK", {
                "id": 1, "uid": "a", "login": login, "email": f"{login}@localhost", "name": "", "orgId": 1,
                "isGrafanaAdmin": False, "isDisabled": login in self.disabled, "isExternal": False, "theme": "",
            }  # fmt: skip
        if environ["PATH_INFO"] == "/api/user/orgs":
            return "200 OK", [{"orgId": 1, "name": "Main Org.", "role": self.roles[login]}]
        return "404 Not Found", {"message": "Not found"}
