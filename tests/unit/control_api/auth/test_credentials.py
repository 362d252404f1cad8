"""Secrets, and what is accepted while the database does not answer."""

from contextlib import suppress
from datetime import datetime

import pytest

from control_api.auth.credentials import Credentials, csrf_token, digest
from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.store.operations.tokens import Token, Tokens
from testkit.builders.messages import NOW


class TokensOfASlowDatabase(Tokens):
    """Tokens in memory, with the calls that were made; while `away`, each call is in vain."""

    def __init__(self) -> None:
        self.stored: dict[str, Token] = {}
        self.calls: list[str] = []
        self.away = False

    def add(self, token: Token) -> None:
        self.stored[token.token_id] = token

    def get(self, token_id: str, *, seconds: float = 20.0) -> Token | None:
        self._call("get")
        return self.stored.get(token_id)

    def used(self, token: Token, at: datetime, *, seconds: float = 20.0) -> None:
        self._call("used")

    def revoke(self, token_id: str, at: datetime) -> bool:
        self._call("revoke")
        return self.stored.pop(token_id, None) is not None

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.away:
            raise StoreUnavailable("nowhere", "away")


@pytest.fixture
def tokens() -> TokensOfASlowDatabase:
    return TokensOfASlowDatabase()


@pytest.fixture
def credentials(tokens: TokensOfASlowDatabase) -> Credentials:
    return Credentials(tokens, ManualClock(NOW), lambda: "t-1")


def issued(credentials: Credentials) -> str:
    return credentials.issue("token", name="gateway", role="Viewer", by="test", lasts=None)[1]


def test_a_digest_does_not_contain_its_secret() -> None:
    assert b"secret" not in digest("secret")
    assert digest("secret") == digest("secret") != digest("secret2")


def test_a_pages_token_belongs_to_its_session() -> None:
    """Another session's page cannot use it, and it does not give the session away."""
    assert csrf_token("a") == csrf_token("a") != csrf_token("b")
    assert "session-of-maria" not in csrf_token("session-of-maria")


def test_only_the_first_reader_waits_for_a_slow_database(
    credentials: Credentials, tokens: TokensOfASlowDatabase
) -> None:
    """For a second, nobody else asks whether the secret is valid, or records its use."""
    secret = issued(credentials)
    assert credentials.check("token", secret, only_reads=True)
    tokens.away = True
    tokens.calls.clear()
    for _ in range(3):
        assert credentials.check("token", secret, only_reads=True)
    assert tokens.calls == ["get"]
    with pytest.raises(StoreUnavailable):
        credentials.check("token", secret)


def test_a_use_is_not_recorded_while_the_database_is_slow(
    credentials: Credentials, tokens: TokensOfASlowDatabase
) -> None:
    """Whoever is not known yet is looked up, and waits no longer than that."""
    secret = issued(credentials)
    credentials.known.note_slow()
    assert credentials.check("token", secret, only_reads=True)
    assert tokens.calls == ["get"]


def test_a_wrong_secret_is_treated_as_an_unknown_one(credentials: Credentials, tokens: TokensOfASlowDatabase) -> None:
    """Nobody learns from the response which tokens there are."""
    secret = issued(credentials)
    assert credentials.check("token", secret, only_reads=True)
    assert credentials.check("token", secret + "x", only_reads=True) is None
    tokens.away = True
    for wrong in (secret + "x", "et_unknown_x"):
        with pytest.raises(StoreUnavailable):
            credentials.check("token", wrong, only_reads=True)


@pytest.mark.parametrize("away", [False, True])
def test_a_token_that_was_revoked_is_forgotten(
    credentials: Credentials, tokens: TokensOfASlowDatabase, away: bool
) -> None:
    """Also if nobody knows whether the database has done it."""
    secret = issued(credentials)
    assert credentials.check("token", secret, only_reads=True)
    tokens.away = away
    with suppress(StoreUnavailable):
        credentials.revoke("t-1")
    tokens.away = True
    with pytest.raises(StoreUnavailable):
        credentials.check("token", secret, only_reads=True)


def test_a_deleted_token_is_forgotten(credentials: Credentials, tokens: TokensOfASlowDatabase) -> None:
    secret = issued(credentials)
    assert credentials.check("token", secret, only_reads=True)
    tokens.stored.clear()
    assert credentials.check("token", secret, only_reads=True) is None
    tokens.away = True
    with pytest.raises(StoreUnavailable):
        credentials.check("token", secret, only_reads=True)
