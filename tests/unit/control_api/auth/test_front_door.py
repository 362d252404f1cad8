"""Whose word about addresses counts."""

from typing import Any

import pytest

from control_api.auth.front_door import BehindFrontDoor, addresses_of
from energytrack.security.proxies import TrustedProxies


def seen_from(sender: str, forwarded_for: str | None, trusted: TrustedProxies) -> str:
    """The address that the application sees."""
    seen: list[str] = []

    def app(environ: Any, _start: Any) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return []

    environ: Any = {"REMOTE_ADDR": sender}
    if forwarded_for is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded_for
    BehindFrontDoor(app, trusted)(environ, lambda *_: lambda _: None)
    return seen[0]


@pytest.mark.parametrize(
    ("sender", "expected"),
    [("127.0.0.1", "203.0.113.9"), ("10.1.2.3", "203.0.113.9"), ("198.51.100.4", "198.51.100.4"), ("", "")],
)
def test_only_the_front_door_names_another_address(sender: str, expected: str) -> None:
    """By its address, or by its network."""
    assert seen_from(sender, "203.0.113.9", TrustedProxies(["127.0.0.1", "10.0.0.0/8"], addresses_of)) == expected


@pytest.mark.parametrize(
    ("forwarded_for", "expected"),
    [
        ("203.0.113.9, 10.0.0.5", "203.0.113.9"),  # a proxy of ours before the front door
        ("192.0.2.1, 203.0.113.9, 10.0.0.5", "203.0.113.9"),  # what somebody sent that proxy
        ("10.0.0.7, 10.0.0.5", "10.0.0.7"),
        (None, "10.1.2.3"),
    ],
)
def test_the_last_that_is_no_proxy_of_ours_is_who_asks(forwarded_for: str | None, expected: str) -> None:
    assert seen_from("10.1.2.3", forwarded_for, TrustedProxies(["10.0.0.0/8"], addresses_of)) == expected


def test_who_states_no_address_causes_no_look_up() -> None:
    """Probes and Prometheus: a name server that hangs must not make the service look dead."""

    def look_up(_: str) -> frozenset[str]:
        raise AssertionError

    assert seen_from("10.1.2.3", None, TrustedProxies(["front-door"], look_up)) == "10.1.2.3"


def test_no_client_of_a_known_front_door_is_looked_up() -> None:
    looks: list[str] = []

    def look_up(name: str) -> frozenset[str]:
        looks.append(name)
        return frozenset({"10.0.0.5"})

    trusted = TrustedProxies(["front-door"], look_up)
    assert seen_from("10.0.0.5", "203.0.113.9", trusted) == "203.0.113.9"
    assert looks == ["front-door"]


def test_a_host_has_addresses_and_an_unknown_one_has_none() -> None:
    assert "127.0.0.1" in addresses_of("localhost")
    assert addresses_of("nobody.invalid") == frozenset()
