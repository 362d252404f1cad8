from control_api.auth.credentials import csrf_token, digest


def test_a_digest_does_not_contain_its_secret() -> None:
    assert b"secret" not in digest("secret")
    assert digest("secret") == digest("secret") != digest("secret2")


def test_a_pages_token_belongs_to_its_session() -> None:
    """Another session's page cannot use it, and it does not give the session away."""
    assert csrf_token("a") == csrf_token("a") != csrf_token("b")
    assert "session-of-maria" not in csrf_token("session-of-maria")
