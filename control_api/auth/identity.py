"""Who may do what: roles, the identity of a caller, and the actor that is stored with every change. Pure."""

import re
from typing import Final, Literal

from msgspec import Struct

Role = Literal["Viewer", "Editor", "Admin"]
"""Grafana's roles: a Viewer reads, an Editor acts, an Admin administers."""
RANKS: Final[dict[Role, int]] = {"Viewer": 1, "Editor": 2, "Admin": 3}


PERSON: Final = re.compile(r"\w[\w. -]{0,63}")
"""The name of a person who signs in by a link."""


class Identity(Struct, frozen=True):
    """A person or a script."""

    subject: str
    """How it signed in, and its name: `grafana:maria`, `token:line-a-gateway`."""
    role: Role

    def may(self, least: Role) -> bool:
        """Whether its role is at least this one."""
        return RANKS[self.role] >= RANKS[least]


class Actor(Struct, frozen=True):
    """A person, a script or a schedule, as stored with everything that it changes."""

    subject: str
    role: str
    address: str
    """Network address of the request; empty if there was no request."""
