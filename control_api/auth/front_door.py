"""Accepts X-Forwarded headers only from the front door's own addresses."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class BehindFrontDoor:
    """WSGI middleware: address, scheme, host and prefix come from X-Forwarded headers of trusted addresses only."""

    def __init__(self, app: "WSGIApplication", trusted: Iterable[str]) -> None:
        self._direct = app
        self._forwarded = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
        self._trusted = tuple(ip_network(network) for network in trusted)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        trusted = _within(environ.get("REMOTE_ADDR", ""), self._trusted)
        return (self._forwarded if trusted else self._direct)(environ, start_response)


def _within(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False
