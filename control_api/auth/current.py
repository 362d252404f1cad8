"""Who acts, as it is kept with everything that changes something."""

from flask import request
from msgspec import Struct

from control_api.auth.current import who


class Actor(Struct, frozen=True):
    """A person, a script or a schedule."""

    subject: str
    role: str
    address: str
    """Network address that the request came from; empty where there was no request."""


def actor() -> Actor:
    """Who sent the request that is being served."""
    identity = who()
    return Actor(identity.subject, identity.role, request.remote_addr or "")
