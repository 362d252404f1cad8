"""Whose name a request was sent to: the answer to pages that make a browser believe this machine is theirs. Pure.

A page of a stranger can have its own name resolve to 127.0.0.1 (DNS rebinding); the browser then lets it read what is
served here. The `Host` header still says the stranger's name. Addresses in figures, `localhost`, names without a dot
(containers, machines of the house) and names that end as a cluster's own do cannot be a stranger's.
"""

from collections.abc import Set
from ipaddress import ip_address
from typing import Final

INNER: Final = (".localhost", ".local", ".internal", ".svc", ".svc.cluster.local")


def is_ours(host: str, named: Set[str] = frozenset()) -> bool:
    """Whether a `Host` header may name this service; `named` are further names, without ports, that it has."""
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
