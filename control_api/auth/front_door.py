"""Accepts X-Forwarded headers only from the front door's own addresses."""

import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from werkzeug.middleware.proxy_fix import ProxyFix

from energytrack.security.proxies import TrustedProxies

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FORWARDED: Final = "HTTP_X_FORWARDED_"
FORWARDED_FOR: Final = "HTTP_X_FORWARDED_FOR"


class BehindFrontDoor:
    """WSGI middleware: address, scheme, host and prefix come from X-Forwarded headers of trusted addresses only."""

    def __init__(self, app: "WSGIApplication", trusted: TrustedProxies) -> None:
        self._direct = app
        self._forwarded = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
        self._trusted = trusted

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        is_forwarded = any(name.startswith(FORWARDED) for name in environ)
        if not is_forwarded or environ.get("REMOTE_ADDR", "") not in self._trusted:
            return self._direct(environ, start_response)
        if FORWARDED_FOR in environ:
            environ[FORWARDED_FOR] = self._client(environ[FORWARDED_FOR])
        return self._forwarded(environ, start_response)

    def _client(self, forwarded_for: str) -> str:
        """The last address that is no proxy of ours: what stands before it may have been sent by anybody."""
        hops = [hop.strip() for hop in forwarded_for.split(",")]
        return next((hop for hop in reversed(hops) if not self._trusted.knows(hop)), hops[0])


def addresses_of(name: str) -> frozenset[str]:
    """The addresses of a host; none if its name is not known."""
    try:
        return frozenset(str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM))
    except OSError:
        return frozenset()
