"""Who may say for whom they ask: proxies, by network or by the name of a host."""

import threading
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

LOOK_AGAIN_SECONDS: Final = 1.0
"""A container that starts again may have another address. Strangers cause one look at most in this time."""
PATIENCE_SECONDS: Final = 2.0
"""How long a request waits for another one's look."""


class TrustedProxies:
    """Networks, and hosts whose addresses are looked up when an unknown one arrives."""

    def __init__(
        self,
        named: Iterable[str],
        look_up: Callable[[str], frozenset[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._networks, self._hosts = parsed(named)
        self._look_up, self._clock = look_up, clock
        self._known: frozenset[str] = frozenset()
        self._looked = clock() - LOOK_AGAIN_SECONDS
        self._looking = threading.Lock()

    def __contains__(self, address: str) -> bool:
        if _within(address, self._networks) or address in self._known:
            return True
        if self._hosts and self._looking.acquire(timeout=PATIENCE_SECONDS):
            try:
                self._look_again()
            finally:
                self._looking.release()
        return address in self._known

    def _look_again(self) -> None:
        if self._clock() - self._looked < LOOK_AGAIN_SECONDS:
            return
        found = frozenset[str]().union(*map(self._look_up, self._hosts))
        self._known = found or self._known  # a name server that is away takes nobody's trust away
        self._looked = self._clock()


def parsed(named: Iterable[str]) -> tuple[tuple[IPv4Network | IPv6Network, ...], tuple[str, ...]]:
    """Networks and host names. Raises ValueError for what is neither."""
    networks: list[IPv4Network | IPv6Network] = []
    hosts: list[str] = []
    for each in sorted(named):
        if set(each) & set("/:") or each.replace(".", "").isdigit():
            networks.append(ip_network(each))
        elif all(label and label.replace("-", "").isalnum() for label in each.rstrip(".").split(".")):
            hosts.append(each)
        else:
            raise ValueError(f"{each!r} is neither an address or network nor a host name")
    return tuple(networks), tuple(hosts)


def _within(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False
