"""Which proxies may state a client's address: by network, or by the name of a host."""

import threading
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

LOOK_AGAIN_SECONDS: Final = 1.0
"""A container that starts again may have another address. It is looked up once in this time at most."""
KEPT_SECONDS: Final = 600.0
"""How long the addresses of a host are trusted whose name is not found any more: name servers may be away."""
PATIENCE_SECONDS: Final = 2.0
"""How long a request waits for another one's look while no address is known yet."""
PATIENCE_WITH_SOME: Final = 0.25
"""The same when some are known: a proxy that has started again has a new one, and many ask through it at once."""


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
        self._known: dict[str, tuple[frozenset[str], float | None]] = {}
        """By host: its addresses, and since when its name is not found; None if it was at the last look."""
        self._looked = clock() - LOOK_AGAIN_SECONDS
        self._looking = threading.Lock()

    def __contains__(self, address: str) -> bool:
        """Whether the address is one of theirs; an unknown one may be new, so names are looked up again."""
        if self.knows(address):
            return True
        if self._hosts and self._looking.acquire(timeout=PATIENCE_WITH_SOME if self._known else PATIENCE_SECONDS):
            try:
                self._look_again()
            finally:
                self._looking.release()
        return self.knows(address)

    def knows(self, address: str) -> bool:
        """The same without a look-up."""
        found = self._known.copy().values()
        return _within(address, self._networks) or any(address in addresses for addresses, _ in found)

    def _look_again(self) -> None:
        if self._clock() - self._looked < LOOK_AGAIN_SECONDS:
            return
        for host in self._hosts:
            addresses = self._look_up(host)
            if addresses:
                self._known[host] = (addresses, None)
            elif host in self._known:
                self._keep_for_now(host)
        self._looked = self._clock()

    def _keep_for_now(self, host: str) -> None:
        addresses, missing_since = self._known[host]
        missing_since = self._clock() if missing_since is None else missing_since
        if self._clock() - missing_since > KEPT_SECONDS:
            del self._known[host]
        else:
            self._known[host] = (addresses, missing_since)


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
