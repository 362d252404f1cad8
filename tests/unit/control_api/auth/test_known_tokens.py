"""Which tokens are enough to read with while nobody can look them up."""

from datetime import timedelta

import pytest

from control_api.auth import known_tokens
from control_api.auth.known_tokens import KnownTokens
from energytrack.clock import ManualClock
from energytrack.store.operations.tokens import Token
from testkit.builders.messages import NOW


def a_token(token_id: str) -> Token:
    return Token(
        token_id=token_id, kind="token", name="gateway", role="Viewer", digest=b"", created_at=NOW, created_by="test",
        expires_at=NOW + timedelta(days=1),
    )  # fmt: skip


def test_a_token_is_known_for_a_quarter_of_an_hour() -> None:
    known = KnownTokens(clock := ManualClock(NOW))
    known.remember(a_token("t-1"))
    clock.advance(900)
    assert known.get("t-1") == a_token("t-1")
    clock.advance(1)
    assert known.get("t-1") is None


def test_what_was_revoked_during_a_look_up_is_not_known_after_it() -> None:
    """The look-up began before, and ended after."""
    known = KnownTokens(ManualClock(NOW))
    known.forget("t-1")
    known.remember(a_token("t-1"))
    assert known.get("t-1") is None


def test_a_token_whose_revocation_failed_is_known_again_once_it_was_looked_up() -> None:
    known = KnownTokens(ManualClock(NOW))
    known.remember(a_token("t-1"))
    known.drop("t-1")
    assert known.get("t-1") is None
    known.remember(a_token("t-1"))
    assert known.get("t-1") == a_token("t-1")


def test_tokens_fill_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of long ago go first."""
    monkeypatch.setattr(known_tokens, "MOST_KNOWN", 2)
    known = KnownTokens(ManualClock(NOW))
    for token_id in ("t-1", "t-2", "t-1", "t-3"):
        known.remember(a_token(token_id))
    assert [known.get(token_id) is not None for token_id in ("t-1", "t-2", "t-3")] == [True, False, True]


def test_after_a_call_in_vain_nobody_waits_for_a_second() -> None:
    known = KnownTokens(clock := ManualClock(NOW))
    assert not known.is_slow()
    known.note_slow()
    clock.advance(0.9)
    assert known.is_slow()
    clock.advance(0.1)
    assert not known.is_slow()
