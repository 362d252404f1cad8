"""Stands in for Grafana: answers the control API and its page in the formats of Grafana 12.2."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

ROTATION_SECONDS = 590
"""token_rotation_interval_minutes is 10, and Grafana lets pages begin a little earlier."""
SERVICE_TOKEN = "glsa_of_this_test"  # noqa: S105  # of tests only


@dataclass
class GrafanaStandIn:
    """A WSGI application; `session-of-<login>` is the cookie of somebody's session."""

    roles: dict[str, str] = field(default_factory=lambda: {"maria": "Editor", "victor": "Viewer", "anna": "Admin"})
    disabled: set[str] = field(default_factory=set)
    due: set[str] = field(default_factory=set)
    """The logins that get 401 until their session's token is rotated, as after token_rotation_interval_minutes."""
    rotations: dict[str, int] = field(default_factory=dict)
    """How often the token of each login was rotated; earlier cookies are no longer valid."""
    away: bool = False
    asked: int = 0
    """The number of requests for somebody's identity."""
    annotations: list[dict[str, Any]] = field(default_factory=list)
    """The annotations that were posted with the service account's token."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        cookies: list[str] = []
        status, answer = self._answer(environ, cookies)
        start_response(
            status, [("Content-Type", "application/json"), *(("Set-Cookie", f"{each}; Path=/") for each in cookies)]
        )
        return [json.dumps(answer).encode()]

    def session(self, login: str) -> str:
        """The cookie of somebody's session, after its rotations so far."""
        turn = self.rotations.get(login, 0)
        return f"session-of-{login}{f'~{turn}' if turn else ''}"

    def _answer(self, environ: dict[str, Any], cookies: list[str]) -> tuple[str, Any]:
        if self.away:
            return "502 Bad Gateway", {"message": "upstream is away"}
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        if asked == "POST /api/annotations":
            return self._annotate(environ)
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("grafana_session")
        login = "" if cookie is None else cookie.value.removeprefix("session-of-").partition("~")[0]
        is_good = cookie is not None and login in self.roles and cookie.value == self.session(login)
        if is_good and asked == "POST /api/user/auth-tokens/rotate":
            return self._rotate(login, cookies)
        if not is_good or login in self.due:
            return "401 Unauthorized", {"message": "Unauthorized", "messageId": "session.token.rotate"}
        return self._about(login, asked)

    def _about(self, login: str, asked: str) -> tuple[str, Any]:
        if asked == "GET /api/user":
            self.asked += 1
            return "200 OK", {
                "id": 1, "uid": "a", "login": login, "email": f"{login}@localhost", "name": "", "orgId": 1,
                "isGrafanaAdmin": False, "isDisabled": login in self.disabled, "isExternal": False, "theme": "",
            }  # fmt: skip
        if asked == "GET /api/user/orgs":
            return "200 OK", [{"orgId": 1, "name": "Main Org.", "role": self.roles[login]}]
        return "404 Not Found", {"message": "Not found"}

    def _rotate(self, login: str, cookies: list[str]) -> tuple[str, Any]:
        self.due.discard(login)
        self.rotations[login] = self.rotations.get(login, 0) + 1
        cookies += [
            f"grafana_session={self.session(login)}; HttpOnly",
            f"grafana_session_expiry={int(time.time() + ROTATION_SECONDS)}",
        ]
        return "200 OK", {}

    def _annotate(self, environ: dict[str, Any]) -> tuple[str, Any]:
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {SERVICE_TOKEN}":
            return "401 Unauthorized", {"message": "Invalid API key"}
        self.annotations.append(json.loads(environ["wsgi.input"].read()))
        return "200 OK", {"id": len(self.annotations), "message": "Annotation added"}
