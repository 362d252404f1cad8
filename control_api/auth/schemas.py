"""Requests that sign people in, and the responses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from control_api.auth.identity import PERSON, Role
from control_api.http.schemas import RequestModel, ResponseModel, TextModel
from energytrack.store.operations.tokens import Token


class SignInRequest(RequestModel):
    code: str = Field(min_length=1, max_length=200, description="The code in a sign-in link, which works once")


class CallerResponse(ResponseModel):
    """Who the caller is, and what they may do."""

    subject: str
    role: str
    csrf: str = Field(description="What a page sends as X-CSRF-Token with each change; empty for a token")


class InviteRequest(RequestModel):
    name: str = Field(pattern=f"^{PERSON.pattern}$", description="Who it is for; what they do is recorded as link:NAME")
    role: Role = Field("Editor", description="What they may do")


class InviteResponse(ResponseModel):
    """A link that signs in one person once; it is shown only now."""

    name: str
    role: str
    link: str
    expires_at: datetime


class PersonPath(TextModel):
    name: str = Field(pattern=f"^{PERSON.pattern}$")


class PersonResponse(ResponseModel):
    """A person who signs in with links, not through Grafana."""

    name: str
    role: str = Field(description="Of their latest link or session")
    state: Literal["signed in", "invited"]
    until: datetime | None
    last_seen_at: datetime | None
    invited_by: str


class PeopleResponse(ResponseModel):
    """People who are signed in by a link, or have one that is still valid."""

    people: list[PersonResponse]


class RevokedResponse(ResponseModel):
    revoked: int = Field(description="How many sessions and links have ended")


def people_response(tokens: Sequence[Token], now: datetime) -> PeopleResponse:
    """People by name; where a person has a session and an unused link, the session is shown."""
    people: dict[str, PersonResponse] = {}
    for token in sorted(tokens, key=lambda token: (token.kind == "session", token.created_at)):
        if token.holds(now):
            people[token.name] = PersonResponse(
                name=token.name,
                role=token.role,
                state="signed in" if token.kind == "session" else "invited",
                until=token.expires_at,
                last_seen_at=token.last_used_at,
                invited_by=token.created_by,
            )
    return PeopleResponse(people=[people[name] for name in sorted(people)])
