"""People who sign in by links: one line for each, whatever they have used."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from control_api.auth.schemas import InviteRequest, people_response
from energytrack.store.operations.tokens import Token, TokenKind
from testkit.dates import NOW


def token(name: str, kind: TokenKind, *, hours: float = 1, revoked: bool = False, role: str = "Editor") -> Token:
    return Token(
        token_id=f"{name}-{kind}-{hours}", kind=kind, name=name, role=role, digest=b"",
        created_at=NOW, created_by="root", expires_at=NOW + timedelta(hours=hours), revoked_at=NOW if revoked else None,
    )  # fmt: skip


def test_a_session_says_more_than_a_link() -> None:
    found = people_response([token("Ana", "session", role="Admin"), token("Ana", "link", role="Viewer")], NOW).people
    assert [(person.name, person.state, person.role) for person in found] == [("Ana", "signed in", "Admin")]


def test_who_has_nothing_valid_is_not_listed() -> None:
    tokens = [token("Ben", "link", hours=-1), token("Cem", "session", revoked=True), token("Dora", "link")]
    assert [(person.name, person.state) for person in people_response(tokens, NOW).people] == [("Dora", "invited")]


@pytest.mark.parametrize("name", ["", "a" * 65, "A\nna", "<b>", "-Ana"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        InviteRequest(name=name, role="Editor")
