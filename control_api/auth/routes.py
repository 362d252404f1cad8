"""/api/auth for the front door, and /sign-in for people with a one-time sign-in link."""

import re
from collections.abc import Collection
from http import HTTPStatus
from typing import Final

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_openapi3 import APIBlueprint, Tag
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.wrappers import Response as AnyResponse

from control_api.auth.access import SESSION_COOKIE
from control_api.auth.credentials import SESSION_TIME, Credentials
from control_api.auth.current import current_caller
from control_api.auth.schemas import CallerResponse, SignInRequest
from control_api.http.problems import Problem
from control_api.http.replies import reply

BAD_LINKS: Final = parse("20/minute")
"""How many wrong codes one address may try; a valid one signs in anyway."""
DEVICE_PAGE: Final = r"devices/[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"


def signin_blueprint(credentials: Credentials, views: Collection[str], *, has_grafana: bool) -> APIBlueprint:
    """The routes; `views` are further pages to which people may be redirected after sign-in."""
    api = APIBlueprint("signin", __name__, abp_tags=[Tag(name="signing in")])
    limiter = MovingWindowRateLimiter(MemoryStorage())

    @api.get("/api/auth", summary="Show who is calling", responses={200: CallerResponse})
    def auth() -> Response:
        caller = current_caller()
        identity = caller.identity
        response = reply(CallerResponse(subject=identity.subject, role=identity.role, csrf=caller.csrf))
        response.headers["X-Energytrack-User"] = identity.subject
        response.headers["X-Energytrack-Role"] = identity.role
        return response

    @api.get("/sign-in", doc_ui=False)
    def ask() -> Response:
        then = own_path(request.args.get("next", ""), views)
        return make_response(render_template("sign_in.html", has_grafana=has_grafana, then=then))

    @api.post("/sign-in", summary="Sign in with the code of a sign-in link", responses={204: None})
    def sign_in(body: SignInRequest) -> Response:
        redeemed = credentials.redeem(body.code)
        if redeemed is None:
            if not limiter.hit(BAD_LINKS, request.remote_addr or ""):
                raise Problem("too_many_requests", "Too many wrong links from your address; try again in a minute.")
            raise Problem("not_signed_in", "This link has been used, or has expired; ask for a new one.")
        response = Response(status=HTTPStatus.NO_CONTENT)
        response.set_cookie(
            SESSION_COOKIE,
            redeemed[1],
            max_age=SESSION_TIME,
            path="/",  # the front door checks it for /prometheus/ too
            httponly=True,
            secure=request.is_secure,
            samesite="Lax",
        )
        return response

    @api.post("/sign-out", doc_ui=False)
    def sign_out() -> AnyResponse:
        session = credentials.check("session", request.cookies.get(SESSION_COOKIE, ""))
        if session is not None:
            credentials.revoke(session.token_id)
        response = redirect(url_for("signin.ask"), HTTPStatus.SEE_OTHER)
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response

    return api


def own_path(path: str, views: Collection[str]) -> str:
    """A page of this application, or the fleet's page; never another host's address."""
    pages = "|".join([DEVICE_PAGE, *views])
    return path if re.fullmatch(rf"/({pages})?(\?[\w=&.%-]*)?", path) else "/"
