"""What every request passes before a view sees it, and every answer before it leaves."""

import hmac
from collections.abc import Callable, Set
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import flask
from flask import Flask, Request, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from limits import parse

from control_api.auth.access import Access, Caller
from control_api.auth.identity import RANKS, Identity
from control_api.auth.permissions import LEAST_ROLES, LeastRole
from control_api.http.problems import Problem
from control_api.web.routes import ENDPOINTS as PAGES

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Nothing changes on these."""
CSRF_HEADER: Final = "X-CSRF-Token"
GRAFANA_HEADER: Final = "X-Grafana-Action"
FORWARDED_HEADER: Final = "X-Forwarded-For"
"""The front door sets it on whatever it lets through; nobody outside can leave it out."""
BAD_TOKENS: Final = parse("20/minute")
"""Wrong tokens that one address may try."""

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
    """Lets in who may come in, and refuses what a foreign page sends in somebody's name."""

    access: Access
    origins: Set[str]
    """Those of our own pages."""
    partners: Set[str]
    """Those of other pages that may call with a token (CORS)."""
    limiter: Limiter

    def admit(self, request: Request) -> Caller | None:
        """Who it is that may do this; None for what anybody may. Raises Problem for everybody else."""
        least = least_role(request)
        if request.method == "OPTIONS" or least == "anybody":
            self._check_origin(request)
            return None
        if least == "inside" and FORWARDED_HEADER not in request.headers:
            return None
        caller = self._caller(request)
        if caller is None:
            raise Problem("not_signed_in", "Sign in to Grafana, or send a token as `Authorization: Bearer …`.")
        if request.url_rule is None:
            return caller  # and the router says what there is not
        if not _allowed(caller, least):
            needed = f"the role {least}" if least in RANKS else "others"
            raise Problem(
                "not_allowed", f"{caller.identity.subject} has the role {caller.identity.role}; this is for {needed}."
            )
        if request.method not in READING:
            self._check_origin(request)
            self._check_intent(request, caller)
        return caller

    def _caller(self, request: Request) -> Caller | None:
        if "Authorization" not in request.headers:
            return self.access.caller(request)
        address = request.remote_addr or ""
        if not self.limiter.limiter.test(BAD_TOKENS, "bad token", address):
            raise Problem("too_many_requests", "Too many wrong tokens came from your address; try again in a minute.")
        caller = self.access.caller(request)
        if caller is None:
            self.limiter.limiter.hit(BAD_TOKENS, "bad token", address)
        return caller

    def _check_origin(self, request: Request) -> None:
        """A browser says which page a request comes from, and no page can make it say otherwise."""
        if request.method in READING:
            return
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self.origins | self.partners:
            raise Problem("foreign_origin", f"Pages of {origin[:200]} may not change anything here.")

    def _check_intent(self, request: Request, caller: Caller) -> None:
        """What a cookie alone lets in must come from a page of ours that meant it."""
        if caller.way in {"token", "alerting"}:
            return
        if request.headers.get("Origin") not in self.origins:
            raise Problem("foreign_origin", "A change needs the Origin header of one of our own pages, or a token.")
        by_grafana = caller.way == "grafana" and request.headers.get(GRAFANA_HEADER) == "1"
        by_page = hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), caller.csrf.encode())
        if not (by_grafana or by_page):
            raise Problem("not_meant", f"A change needs the page's {CSRF_HEADER}, or Grafana's {GRAFANA_HEADER}: 1.")


def _allowed(caller: Caller, least: LeastRole | None) -> bool:
    if caller.way == "alerting" or least == "alerting":
        return least == "alerting" and (
            caller.way == "alerting" or (caller.way == "token" and caller.identity.may("Editor"))
        )
    return least in RANKS and caller.identity.may(least)


def least_role(request: Request) -> LeastRole | None:
    """The least role of a request's route; None where the table does not know it."""
    if request.url_rule is None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    return LEAST_ROLES.get(f"{method} {request.url_rule.rule}")


def install(app: Flask, guard: Guard, *, remember: Callable[[Identity], None]) -> None:
    """Put a guard before every view of an application."""

    @app.before_request
    def admit() -> ResponseReturnValue | None:
        try:
            caller = guard.admit(request)
        except Problem as problem:
            if problem.code == "not_signed_in" and request.endpoint in PAGES:
                return redirect(url_for("signin.ask", next=request.full_path.rstrip("?")), HTTPStatus.SEE_OTHER)
            raise
        flask.g.caller = caller
        if caller is not None:
            remember(caller.identity)
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


def current_caller() -> Caller:
    """Who sent the request that is being served; only where the route is not for anybody."""
    caller: Caller = flask.g.caller
    return caller
