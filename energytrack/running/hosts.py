"""Checks the host name of a request, as protection against DNS rebinding. Pure.

A foreign page can make its own name resolve to 127.0.0.1 (DNS rebinding); the browser then lets it read what is served
here. But the `Host` header still has the foreign name. Numeric addresses, `localhost`, names without a dot (containers,
computers in the local network) and a cluster's own names cannot be foreign.
"""

from collections.abc import Set
from ipaddress import ip_address
from typing import Final

INNER: Final = (".localhost", ".local", ".internal", ".svc", ".svc.cluster.local")


def is_ours(host: str, named: Set[str] = frozenset()) -> bool:
    """Whether a `Host` header may address this service; `named` are its further names, without ports."""
    name = _name(host).rstrip(".").lower()
    if name in named or ("." not in name and ":" not in name):
        return True
    if name.endswith(INNER):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host
