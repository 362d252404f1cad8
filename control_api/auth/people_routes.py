"""/api/people: people with their own sign-in links, on a stack without Grafana."""

from collections.abc import Collection
from http import HTTPStatus

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from control_api.auth.credentials import LINK_TIME, Credentials, sign_in_link
from control_api.auth.current import current_caller
from control_api.auth.schemas import (
    InviteRequest,
    InviteResponse,
    PeopleResponse,
    PersonPath,
    RevokedResponse,
    people_response,
)
from control_api.http.replies import reply


def people_blueprint(credentials: Credentials, origins: Collection[str]) -> APIBlueprint:
    api = APIBlueprint("people", __name__, url_prefix="/api", abp_tags=[Tag(name="signing in")])

    @api.get("/people", summary="List people who sign in by links", responses={200: PeopleResponse})
    def list_people() -> Response:
        tokens = [*credentials.tokens.all("link"), *credentials.tokens.all("session")]
        return reply(people_response(tokens, credentials.clock.now()))

    @api.post("/people", summary="Create a sign-in link for a person", responses={201: InviteResponse})
    def invite(body: InviteRequest) -> Response:
        by = current_caller().identity.subject
        link = sign_in_link(credentials, origins, by=by, name=body.name, role=body.role)
        expires_at = credentials.clock.now() + LINK_TIME
        return reply(
            InviteResponse(name=body.name, role=body.role, link=link, expires_at=expires_at), HTTPStatus.CREATED
        )

    @api.delete("/people/<string:name>", summary="End all sessions and links of a person",
                responses={200: RevokedResponse})  # fmt: skip
    def revoke(path: PersonPath) -> Response:
        now = credentials.clock.now()
        theirs = [
            token
            for kind in ("link", "session")
            for token in credentials.tokens.all(kind)
            if token.name == path.name and token.holds(now)
        ]
        return reply(RevokedResponse(revoked=sum(credentials.revoke(token.token_id) for token in theirs)))

    return api
