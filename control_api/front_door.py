"""What the front door says of a request counts only when it is the front door that says it."""

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class BehindFrontDoor:
    """WSGI middleware: address, scheme, host and prefix come from X-Forwarded headers of trusted addresses only."""

    def __init__(self, app: "WSGIApplication", trusted: Set[str]) -> None:
        self._direct = app
        self._forwarded = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
        self._trusted = trusted

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        by_the_door = environ.get("REMOTE_ADDR") in self._trusted
        return (self._forwarded if by_the_door else self._direct)(environ, start_response)
