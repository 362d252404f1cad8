"""Proxies that are known by the names of their hosts."""

import threading

import pytest

from energytrack.security.proxies import KEPT_SECONDS, TrustedProxies, parsed


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


def test_a_name_server_that_is_away_takes_nobodys_trust_away_for_minutes() -> None:
    """Host by host: one that is found does not stand for one that is not."""
    now, addresses = [0.0], {"caddy": frozenset({"172.18.0.5"}), "ingress": frozenset({"172.18.0.6"})}
    trusted = TrustedProxies(addresses, lambda name: addresses[name], lambda: now[0])
    assert "172.18.0.5" in trusted
    addresses["caddy"] = frozenset()
    now[0] = 100 * KEPT_SECONDS  # nobody unknown has come for hours
    assert "172.18.0.9" not in trusted
    assert "172.18.0.5" in trusted
    now[0] = 101 * KEPT_SECONDS + 1  # another pod may have its address by now
    assert "172.18.0.9" not in trusted
    assert "172.18.0.5" not in trusted
    assert "172.18.0.6" in trusted


def test_who_is_known_waits_for_no_name_server() -> None:
    """Nor does an unknown address, once a look is under way."""
    entered, leave = threading.Event(), threading.Event()
    answers = [frozenset({"172.18.0.5"})]

    def look_up(_: str) -> frozenset[str]:
        if answers:
            return answers.pop()
        entered.set()
        leave.wait(20)
        return frozenset()

    now = [0.0]
    trusted = TrustedProxies(["caddy"], look_up, lambda: now[0])
    assert "172.18.0.5" in trusted
    now[0] = 5.0
    stranger = threading.Thread(target=trusted.__contains__, args=("172.18.0.9",))
    stranger.start()
    try:
        assert entered.wait(20)
        assert "172.18.0.5" in trusted
        assert "172.18.0.8" not in trusted
        assert stranger.is_alive()
    finally:
        leave.set()
        stranger.join()


@pytest.mark.parametrize("wrong", ["10.0.0.0/99", "1.2.3", "front door", "-", "a..b", ""])
def test_what_is_neither_a_network_nor_a_host_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed([wrong])
