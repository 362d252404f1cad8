"""Proxies that are known by the names of their hosts."""

import pytest

from energytrack.security.proxies import TrustedProxies, parsed


def test_a_name_is_looked_up_again_when_an_unknown_address_comes_and_not_more_than_once_a_second() -> None:
    now, addresses, looks = [0.0], {"caddy": frozenset({"172.18.0.5"})}, list[str]()

    def look_up(name: str) -> frozenset[str]:
        looks.append(name)
        return addresses[name]

    trusted = TrustedProxies(["caddy"], look_up, lambda: now[0])
    assert "172.18.0.5" in trusted
    assert "172.18.0.9" not in trusted  # another container on its network
    assert looks == ["caddy"]
    addresses["caddy"] = frozenset({"172.18.0.9"})  # which it has after its next start
    now[0] = 1.0
    assert "172.18.0.9" in trusted
    assert "172.18.0.5" not in trusted
    assert looks == ["caddy", "caddy"]


def test_a_name_server_that_is_away_takes_nobodys_trust_away() -> None:
    now, answers = [0.0], [frozenset({"172.18.0.5"}), frozenset[str]()]
    trusted = TrustedProxies(["caddy"], lambda _: answers.pop(0), lambda: now[0])
    assert "172.18.0.5" in trusted
    now[0] = 1.0
    assert "172.18.0.9" not in trusted
    assert "172.18.0.5" in trusted


@pytest.mark.parametrize("wrong", ["10.0.0.0/99", "1.2.3", "front door", "-", "a..b", ""])
def test_what_is_neither_a_network_nor_a_host_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed([wrong])
