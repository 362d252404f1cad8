from control_api.auth.identity import Actor
from control_api.locks.rules import refusal
from testkit.builders.control import a_lock

MARIA = Actor("grafana:maria", "Editor", "192.0.2.7")
OTTO = Actor("grafana:otto", "Editor", "192.0.2.8")
ANNA = Actor("grafana:anna", "Admin", "192.0.2.9")


def test_the_holder_releases_without_a_reason() -> None:
    assert refusal(a_lock(), by=MARIA, reason=None) is None


def test_nobody_else_releases_but_an_administrator_who_says_why() -> None:
    refused = refusal(a_lock(), by=OTTO, reason="belt is on")
    assert refused is not None
    assert refused.code == "not_holder"
    unexplained = refusal(a_lock(), by=ANNA, reason=None)
    assert unexplained is not None
    assert unexplained.code == "reason_needed"
    assert refusal(a_lock(), by=ANNA, reason="holder went home") is None
