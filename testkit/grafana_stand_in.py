"""Stands in for Grafana: answers /api/user, /api/user/orgs and /api/annotations in the shapes of Grafana 12.2."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

SERVICE_TOKEN = "glsa_of_this_test"  # noqa: S105  # of tests only


@dataclass
class GrafanaStandIn:
    """A WSGI application; `session-of-<login>` is the cookie of somebody's session."""

    roles: dict[str, str] = field(default_factory=lambda: {"maria": "Editor", "victor": "Viewer", "anna": "Admin"})
    disabled: set[str] = field(default_factory=set)
    away: bool = False
    asked: int = 0
    """How often somebody's identity was asked for."""
    annotations: list[dict[str, Any]] = field(default_factory=list)
    """What was posted with the service account's token."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        status, answer = self._answer(environ)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, Any]:
        if self.away:
            return "502 Bad Gateway", {"message": "upstream is away"}
        if environ["PATH_INFO"] == "/api/annotations" and environ["REQUEST_METHOD"] == "POST":
            return self._annotate(environ)
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

    def _annotate(self, environ: dict[str, Any]) -> tuple[str, Any]:
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {SERVICE_TOKEN}":
            return "401 Unauthorized", {"message": "Invalid API key"}
        self.annotations.append(json.loads(environ["wsgi.input"].read()))
        return "200 OK", {"id": len(self.annotations), "message": "Annotation added"}
