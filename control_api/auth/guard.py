"""Checks every request before a view handles it, and adds the security headers to every response."""

import hmac
from collections.abc import Callable, Set
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import Flask, Request, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from limits import parse

from control_api.auth.access import READING, Authenticator, Caller
from control_api.auth.current import remember_caller
from control_api.auth.identity import RANKS
from control_api.auth.permissions import LEAST_ROLES, LeastRole
from control_api.http.problems import Problem
from control_api.settings import ControlApiSettings
from energytrack.running.hosts import is_ours
from energytrack.running.launcher import launch_command
from energytrack.security.names import name_of

CSRF_HEADER: Final = "X-CSRF-Token"
GRAFANA_HEADER: Final = "X-Grafana-Action"
FORWARDED_HEADER: Final = "X-Forwarded-For"
"""The front door sets it on every request, so nobody outside can avoid it."""
BAD_TOKENS: Final = parse("20/minute")
"""How many wrong tokens one address may try. A valid one is accepted anyway: many callers may share an address."""

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
}


@dataclass(frozen=True)
class Guard:
    """Checks callers' permissions, and refuses requests that a foreign page sends in a user's name."""

    access: Authenticator
    origins: Set[str]
    """Origins of our own pages."""
    hosts: Set[str]
    """Host names of our own pages, and further names of this service (`energytrack.running.hosts`)."""
    partners: Set[str]
    """Origins of other pages that may call with a token (CORS)."""
    limiter: Limiter
    how_to_sign_in: str
    """An instruction for a person who is not signed in."""

    def admit(self, request: Request) -> Caller | None:
        """The caller; None if the route is public. Raises Problem if the caller lacks permission."""
        if not is_ours(request.host, self.hosts):
            raise Problem("foreign_host", f"This service has no host name {request.host[:200]}.")
        least = least_role(request)
        if request.method == "OPTIONS" or least == "anybody":
            self._check_origin(request)
            return None
        if least == "inside" and FORWARDED_HEADER not in request.headers:
            return None
        caller = self._caller(request)
        if caller is None:
            raise Problem("not_signed_in", self.how_to_sign_in)
        if request.url_rule is None:
            return caller  # and the router answers 404 or 405
        if not _allowed(caller, least):
            needed = f"This needs the role {least}" if least in RANKS else "This is for Grafana and Alertmanager"
            name = name_of(caller.identity.subject)
            raise Problem("not_allowed", f"{needed}; {name} has the role {caller.identity.role}.")
        if request.method not in READING:
            self._check_origin(request)
            self._check_intent(request, caller)
        return caller

    def _caller(self, request: Request) -> Caller | None:
        if "Authorization" not in request.headers:
            return self.access.caller(request)
        caller = self.access.caller(request)
        if caller is None and not self.limiter.limiter.hit(BAD_TOKENS, "bad token", request.remote_addr or ""):
            raise Problem("too_many_requests", "Too many wrong tokens from your address; try again in a minute.")
        return caller

    def _check_origin(self, request: Request) -> None:
        """A browser states the origin of a request, and a page cannot change that."""
        if request.method in READING:
            return
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self.origins | self.partners:
            raise Problem("foreign_origin", f"Pages of {origin[:200]} may not change anything here.")

    def _check_intent(self, request: Request, caller: Caller) -> None:
        """A change that only a cookie authorises must come from one of our pages, with proof that it was intended."""
        if caller.method in {"token", "alerting"}:
            return
        if request.headers.get("Origin") not in self.origins:
            raise Problem("foreign_origin", "A change needs the Origin header of one of our own pages, or a token.")
        by_grafana = caller.method == "grafana" and request.headers.get(GRAFANA_HEADER) == "1"
        by_page = hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), caller.csrf.encode())
        if not (by_grafana or by_page):
            raise Problem("not_meant", f"A change needs the page's {CSRF_HEADER}, or Grafana's {GRAFANA_HEADER}: 1.")


def _allowed(caller: Caller, least: LeastRole | None) -> bool:
    if caller.method == "alerting" or least == "alerting":
        return least == "alerting" and (
            caller.method == "alerting" or (caller.method == "token" and caller.identity.may("Editor"))
        )
    return least in RANKS and caller.identity.may(least)


def sign_in_help(settings: ControlApiSettings) -> str:
    """How people and scripts sign in on this stack."""
    create = launch_command("control_api tokens create")
    token = f"a script sends a token as `Authorization: Bearer …`, which `{create}` makes"
    if settings.grafana_url is not None:
        return f"Sign in to Grafana in this browser; {token}."
    return f"Open a sign-in link, which `{launch_command('control_api link')}` makes; {token}."


def least_role(request: Request) -> LeastRole | None:
    """The minimum role for a request's route; None if the table does not list it."""
    if request.url_rule is None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    return LEAST_ROLES.get(f"{method} {request.url_rule.rule}")


def install(app: Flask, guard: Guard, *, shows_a_page: Callable[[Request], bool]) -> None:
    """Run the guard before every view; a person who requests a page is sent to sign in."""

    @app.before_request
    def admit() -> ResponseReturnValue | None:
        try:
            caller = guard.admit(request)
        except Problem as problem:
            if problem.code == "not_signed_in" and shows_a_page(request):
                return redirect(url_for("signin.ask", next=request.full_path.rstrip("?")), HTTPStatus.SEE_OTHER)
            raise
        remember_caller(caller)
        return None

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response
